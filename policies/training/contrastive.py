"""CLIP's contrastive loss on our own captioned frames.

Beside it, each patch is asked for the words that name what is in it, and the poolers for the expert's action, as
Kosmos-2 is (see ``grounding``): from a caption's likeness to a picture alone, or from actions alone, so small a tower
learns nothing in a few hundred thousand frames (a linear probe of its features told no more than a constant does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import nn
from transformers import CLIPModel, PreTrainedTokenizerBase

from policies.backbones.clip import text_feature, vision_tokens
from policies.backbones.kosmos2 import RARITY
from policies.backbones.pixels import normalise
from policies.training.captions import Picture, captioned_frames, sentence
from policies.training.frames import FrameStore
from policies.training.grounding import AXES, DRIVING, cell_words, driving_loss, naming_loss, words_of
from policies.training.precision import CPU, HalfTrunk, bfloat16_pays
from policies.training.pretraining import PretrainOptions, padded_length, planes_of, pretrain

MAX_TOKENS = 32


class _Embeddings(nn.Module):
    """Both towers: projected images and captions, (n, d) each, the vision tower's tokens, the text tower's pooler."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(
        self, planes: torch.Tensor, ids: torch.Tensor, instructions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        tokens, told = vision_tokens(self.clip.vision_model, planes), text_feature(self.clip.text_model, instructions)
        text = self.clip.text_projection(text_feature(self.clip.text_model, ids))
        return self.clip.visual_projection(tokens[:, 0]), text, tokens, told


def contrastive_loss(image: torch.Tensor, text: torch.Tensor, scale: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """The symmetric cross entropy of CLIP (Radford et al. 2021, figure 3), with equal captions as equal answers.

    Args:
        image, text: (n, d) embeddings of n pairs. scale: logit scale.
        same: (n, n) bool, whether two captions are equal; the diagonal is True. Few words describe our frames, so
            batches hold equal captions, which the plain loss would push apart.
    """
    image, text = nn.functional.normalize(image, dim=-1), nn.functional.normalize(text, dim=-1)
    logits = scale * image @ text.T  # (n, n)
    target = same / same.sum(dim=1, keepdim=True)
    return 0.5 * (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target))


def train_clip(
    clip: CLIPModel,
    tokenizer: PreTrainedTokenizerBase,
    stores: Sequence[FrameStore],
    options: PretrainOptions,
    console: Console,
    device: torch.device = CPU,
) -> list[float]:
    """Train a CLIP in place on the captioned frames of some stores, on ``device``; the loss of every step."""
    trunk = HalfTrunk(_Embeddings(clip), bfloat16_pays(device))
    config: Any = clip.config  # its parts are typed as dictionaries, too
    vision, language = config.vision_config.hidden_size, config.text_config.hidden_size
    seen_action = nn.Linear(vision, AXES)
    samples = captioned_frames(stores)
    words = words_of(samples)
    names = nn.Linear(vision, len(words))
    grid = config.vision_config.image_size // config.vision_config.patch_size
    told_action = nn.Sequential(nn.Linear(vision + language, vision), nn.GELU(), nn.Linear(vision, AXES))

    def loss_of(pictures: list[Picture], rng: np.random.Generator) -> torch.Tensor:
        captions = [sentence(entry.objects) for entry in pictures]
        instructions = caption_ids(tokenizer, [entry.instruction for entry in pictures])
        image, text, tokens, told = trunk(
            normalise(planes_of(pictures).to(device)),
            caption_ids(tokenizer, captions).to(device),
            instructions.to(device),
        )
        seen = tokens[:, 0]
        named = torch.from_numpy(np.stack([cell_words(entry.objects, words, grid) for entry in pictures])).to(device)
        naming = naming_loss(names(tokens[:, 1:]) - RARITY, named)
        actions = torch.from_numpy(np.stack([entry.action for entry in pictures])).to(device)
        driving = driving_loss(seen_action(seen), actions) + driving_loss(
            told_action(torch.cat([seen, told], dim=-1)), actions
        )
        keys = np.asarray(captions)
        same = torch.from_numpy(keys[:, None] == keys[None, :]).to(device, torch.float32)
        likeness = contrastive_loss(image, text, clip.logit_scale.exp().clamp(max=100.0), same)
        return likeness + naming + DRIVING * driving

    taught = nn.ModuleList([clip, names, seen_action, told_action])
    return pretrain("clip", taught, loss_of, stores, samples, options, console, device)


def caption_ids(tokenizer: PreTrainedTokenizerBase, captions: Sequence[str]) -> torch.Tensor:
    """(n, length) ids: ``<s> words </s>``, padded at the end."""
    rows = [tokenizer(text, add_special_tokens=False).input_ids[: MAX_TOKENS - 2] for text in captions]
    length = padded_length(max(len(row) for row in rows) + 2)
    return torch.tensor(
        [
            [tokenizer.bos_token_id, *row, tokenizer.eos_token_id] + [tokenizer.pad_token_id] * (length - 2 - len(row))
            for row in rows
        ]
    )
