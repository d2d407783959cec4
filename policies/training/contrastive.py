"""CLIP's contrastive loss on our own captioned frames; its poolers are also asked for the expert's action (see
``grounding``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import nn
from transformers import CLIPModel, PreTrainedTokenizerBase

from policies.backbones.clip import text_feature, vision_feature
from policies.backbones.pixels import normalise
from policies.training.captions import Picture, captioned_frames, sentence
from policies.training.frames import FrameStore
from policies.training.grounding import AXES, DRIVING, driving_loss
from policies.training.precision import HalfTrunk, bfloat16_pays
from policies.training.pretraining import PretrainOptions, padded_length, planes_of, pretrain

MAX_TOKENS = 32


class _Embeddings(nn.Module):
    """Both towers: projected images and captions, (n, d) each, and the poolers' answers to images and instructions."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(
        self, planes: torch.Tensor, ids: torch.Tensor, instructions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        seen, told = vision_feature(self.clip.vision_model, planes), text_feature(self.clip.text_model, instructions)
        text = self.clip.text_projection(text_feature(self.clip.text_model, ids))
        return self.clip.visual_projection(seen), text, seen, told


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
) -> list[float]:
    """Train a CLIP in place on the captioned frames of some stores; the loss of every step."""
    trunk = HalfTrunk(_Embeddings(clip), bfloat16_pays())
    config: Any = clip.config  # its parts are typed as dictionaries, too
    vision, language = config.vision_config.hidden_size, config.text_config.hidden_size
    seen_action = nn.Linear(vision, AXES)
    told_action = nn.Sequential(nn.Linear(vision + language, vision), nn.GELU(), nn.Linear(vision, AXES))

    def loss_of(pictures: list[Picture], rng: np.random.Generator) -> torch.Tensor:
        captions = [sentence(entry.objects) for entry in pictures]
        instructions = caption_ids(tokenizer, [entry.instruction for entry in pictures])
        image, text, seen, told = trunk(normalise(planes_of(pictures)), caption_ids(tokenizer, captions), instructions)
        actions = torch.from_numpy(np.stack([entry.action for entry in pictures]))
        driving = driving_loss(seen_action(seen), actions) + driving_loss(
            told_action(torch.cat([seen, told], dim=-1)), actions
        )
        keys = np.asarray(captions)
        same = torch.from_numpy(keys[:, None] == keys[None, :]).to(torch.float32)
        return contrastive_loss(image, text, clip.logit_scale.exp().clamp(max=100.0), same) + DRIVING * driving

    taught = nn.ModuleList([clip, seen_action, told_action])
    return pretrain("clip", taught, loss_of, stores, captioned_frames(stores), options, console)


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
