"""Pretraining of CLIP with its contrastive loss on captioned frames.

Auxiliary losses predict the words that name the objects in each patch, and the expert's action from the pooled
features, as for Kosmos-2 (see ``grounding``). With the contrastive loss alone, or with actions alone, such a small
tower learns nothing in a few hundred thousand frames (a linear probe of its features is no better than a constant).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from policies.backbones.clip import encode_text_feature, encode_vision_tokens
from policies.backbones.kosmos2 import ABSENCE_LOG_ODDS
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import round_up_length
from policies.train.data.caption_samples import AugmentedSample, format_caption
from policies.train.data.frame_store import FrameStore
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.auxiliary_losses import (
    ACTION_WEIGHT,
    action_loss,
    collect_words,
    label_cell_words,
    naming_loss,
)
from policies.train.tasks.pretraining import Pretraining, PretrainOptions, stack_planes
from policies.transformers_models import CLIPModel, PreTrainedTokenizerBase
from scenarios.robot import ACTION_SIZE

MAX_TOKENS = 32


class _Embeddings(nn.Module):
    """Both towers: projected images and captions, (n, d) each, the vision tokens, the pooled text features."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(
        self, planes: torch.Tensor, ids: torch.Tensor, instructions: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        tokens, pooled_text = (
            encode_vision_tokens(self.clip.vision_model, planes),
            encode_text_feature(self.clip.text_model, instructions),
        )
        text = self.clip.text_projection(encode_text_feature(self.clip.text_model, ids))
        return self.clip.visual_projection(tokens[:, 0]), text, tokens, pooled_text


def contrastive_loss(image: torch.Tensor, text: torch.Tensor, scale: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Compute the symmetric cross entropy of CLIP (Radford et al. 2021, figure 3), with equal captions as positives.

    Args:
        image, text: (n, d) embeddings of n pairs.
        scale: Logit scale.
        same: (n, n) 0 or 1: whether two captions are equal; the diagonal is 1. Few words describe our frames, so
            batches contain equal captions, which the plain loss would push apart.
    """
    image, text = nn.functional.normalize(image, dim=-1), nn.functional.normalize(text, dim=-1)
    logits = scale * image @ text.T  # (n, n)
    target = same / same.sum(dim=1, keepdim=True)
    return 0.5 * (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target))


class ContrastivePretraining(Pretraining[list[AugmentedSample]]):
    """Pretraining of CLIP: match pictures and captions, name the objects in each patch, predict the expert's action."""

    name = "clip"

    def __init__(
        self,
        clip: CLIPModel,
        tokenizer: PreTrainedTokenizerBase,
        stores: Sequence[FrameStore],
        options: PretrainOptions,
        device: torch.device,
    ) -> None:
        super().__init__(clip, stores, options)
        config: Any = clip.config  # transformers types its parts as dictionaries, too
        vision, language = config.vision_config.hidden_size, config.text_config.hidden_size
        self._words = collect_words(self.samples)
        with seeded_initialisation(options.course.seed):
            self._names = nn.Linear(vision, len(self._words))
            self._image_action_head = nn.Linear(vision, ACTION_SIZE)
            self._text_action_head = nn.Sequential(
                nn.Linear(vision + language, vision), nn.GELU(), nn.Linear(vision, ACTION_SIZE)
            )
        self.trained_module = nn.ModuleList([clip, self._names, self._image_action_head, self._text_action_head])
        self._clip, self._tokenizer, self._device = clip, tokenizer, device
        self._trunk = Bfloat16Forward(_Embeddings(clip), has_fast_bfloat16(device))
        self._grid = config.vision_config.image_size // config.vision_config.patch_size

    def make_batch(self, pictures: list[AugmentedSample], rng: np.random.Generator) -> list[AugmentedSample]:
        return pictures

    def loss(self, batch: list[AugmentedSample]) -> torch.Tensor:
        device = self._device
        captions = [format_caption(entry.objects) for entry in batch]
        image, text, tokens, pooled_text = self._trunk(
            normalise_pixels(stack_planes(batch).to(device)),
            encode_captions(self._tokenizer, captions).to(device),
            encode_captions(self._tokenizer, [entry.instruction for entry in batch]).to(device),
        )
        seen = tokens[:, 0]
        named = torch.from_numpy(
            np.stack([label_cell_words(entry.objects, self._words, self._grid) for entry in batch])
        )
        naming = naming_loss(self._names(tokens[:, 1:]) - ABSENCE_LOG_ODDS, named.to(device))
        actions = torch.from_numpy(np.stack([entry.action for entry in batch])).to(device)
        driving = action_loss(self._image_action_head(seen), actions) + action_loss(
            self._text_action_head(torch.cat([seen, pooled_text], dim=-1)), actions
        )
        keys = np.asarray(captions)
        same = torch.from_numpy(keys[:, None] == keys[None, :]).to(device, torch.float32)
        matching = contrastive_loss(image, text, self._clip.logit_scale.exp().clamp(max=100.0), same)
        return matching + naming + ACTION_WEIGHT * driving


def encode_captions(tokenizer: PreTrainedTokenizerBase, captions: Sequence[str]) -> torch.Tensor:
    """Encode captions as token ids (n, length): ``<s> words </s>``, padded at the end."""
    rows = [tokenizer(text, add_special_tokens=False).input_ids[: MAX_TOKENS - 2] for text in captions]
    length = round_up_length(max(len(row) for row in rows) + 2)
    return torch.tensor(
        [
            [tokenizer.bos_token_id, *row, tokenizer.eos_token_id] + [tokenizer.pad_token_id] * (length - 2 - len(row))
            for row in rows
        ]
    )
