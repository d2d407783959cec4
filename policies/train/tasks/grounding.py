"""Pretraining of Kosmos-2 with grounded captioning: name and locate objects, find the one that an instruction names.

Two auxiliary losses align pictures and words in one space from the start: each cell of the image predicts the words for
the objects in it, by the similarity of its projected token to the words' embeddings; and the decoder, after reading the
name of an object, points at its cells by the similarity of its state. From captions alone, the small decoder needs many
times as many frames before it uses the image.

A third loss predicts the expert's action from the pooled features. A large model knows about free space and distance
from billions of pictures; a small one that learns only names doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from policies.backbones.kosmos2 import (
    ABSENCE_LOG_ODDS,
    encode_image_tokens,
    pointing_logits,
    project_to_word_embeddings,
    run_decoder,
)
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import round_up_length
from policies.train.data.caption_samples import AugmentedSample
from policies.train.data.frame_store import FrameStore
from policies.train.data.grounding_samples import GroundingSample, sample_grounding_task
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.auxiliary_losses import (
    ACTION_WEIGHT,
    action_loss,
    collect_words,
    label_cell_words,
    naming_loss,
    pointing_loss,
)
from policies.train.tasks.pretraining import Pretraining, PretrainOptions, stack_planes
from policies.transformers_models import Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase
from scenarios.robot import ACTION_SIZE

IGNORED = -100


class _States(nn.Module):
    """Decoder states over pictures and words, image tokens projected to the space of the words, pooled features."""

    def __init__(self, kosmos2: Kosmos2ForConditionalGeneration) -> None:
        super().__init__()
        self.kosmos2 = kosmos2

    def forward(self, planes: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        tokens = encode_image_tokens(self.kosmos2, planes)
        return run_decoder(self.kosmos2, tokens, ids), project_to_word_embeddings(self.kosmos2, tokens), tokens[:, 0]


class _GroundingBatch(NamedTuple):
    """Pictures and the sampled task of each."""

    pictures: list[AugmentedSample]
    samples: list[GroundingSample]


class GroundingPretraining(Pretraining[_GroundingBatch]):
    """Pretraining of Kosmos-2: caption, name the objects in each cell, point at the named one, predict the action."""

    name = "kosmos2"

    def __init__(
        self,
        kosmos2: Kosmos2ForConditionalGeneration,
        tokenizer: PreTrainedTokenizerBase,
        stores: Sequence[FrameStore],
        options: PretrainOptions,
        device: torch.device,
    ) -> None:
        super().__init__(kosmos2, stores, options)
        config: Any = kosmos2.config  # transformers types its parts as dictionaries, too
        with seeded_initialisation(options.course.seed):
            self._image_action_head = nn.Linear(config.vision_config.hidden_size, ACTION_SIZE)
            self._text_action_head = nn.Linear(config.text_config.embed_dim, ACTION_SIZE)
        self.trained_module = nn.ModuleList([kosmos2, self._image_action_head, self._text_action_head])
        self._kosmos2, self._tokenizer, self._device = kosmos2, tokenizer, device
        self._trunk = Bfloat16Forward(_States(kosmos2), has_fast_bfloat16(device))
        embeddings = kosmos2.vision_model.model.embeddings
        self._grid = embeddings.image_size // embeddings.patch_size
        self._phrases = sorted({seen.phrase for sample in self.samples for seen in sample.objects})
        self._words = collect_words(self.samples)
        self._word_ids = torch.tensor(tokenizer.convert_tokens_to_ids(self._words), device=device)

    def make_batch(self, pictures: list[AugmentedSample], rng: np.random.Generator) -> _GroundingBatch:
        return _GroundingBatch(
            pictures, [sample_grounding_task(entry, self._phrases, self._grid, rng) for entry in pictures]
        )

    def loss(self, batch: _GroundingBatch) -> torch.Tensor:
        pictures, samples = batch
        ids, labels, lengths = (part.to(self._device) for part in encode_samples(self._tokenizer, samples))
        states, cells, pooled = self._trunk(normalise_pixels(stack_planes(pictures).to(self._device)), ids)
        query = states[torch.arange(len(ids), device=self._device), lengths + (states.shape[1] - ids.shape[1] - 1)]
        words = states[:, -ids.shape[1] + 2 :]  # from </image> on, after the latents
        return (
            self._captioning_loss(words, labels)
            + self._naming_loss(cells, pictures)
            + self._pointing_loss(cells, query, samples)
            + ACTION_WEIGHT * self._action_loss(pooled, query, batch)
        )

    def _captioning_loss(self, words: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = self._kosmos2.text_model.lm_head(words[:, :-1])
        return nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 3:].flatten(), ignore_index=IGNORED)

    def _naming_loss(self, cells: torch.Tensor, pictures: Sequence[AugmentedSample]) -> torch.Tensor:
        named = np.stack([label_cell_words(entry.objects, self._words, self._grid) for entry in pictures])
        embeddings = self._kosmos2.text_model.model.embed_tokens(self._word_ids)
        return naming_loss(cells @ embeddings.T - ABSENCE_LOG_ODDS, torch.from_numpy(named).to(self._device))

    def _pointing_loss(
        self, cells: torch.Tensor, query: torch.Tensor, samples: Sequence[GroundingSample]
    ) -> torch.Tensor:
        asked = [i for i, entry in enumerate(samples) if entry.named is not None]
        named = [samples[i].named or () for i in asked]
        return pointing_loss(pointing_logits(cells[asked], query[asked]), named, self._grid)

    def _action_loss(self, pooled: torch.Tensor, query: torch.Tensor, batch: _GroundingBatch) -> torch.Tensor:
        own = [i for i, entry in enumerate(batch.samples) if entry.own]
        actions = torch.from_numpy(np.stack([entry.action for entry in batch.pictures])).to(self._device)
        from_image, from_text = self._image_action_head(pooled), self._text_action_head(query[own])
        return action_loss(from_image, actions) + action_loss(from_text, actions[own])


def encode_samples(
    tokenizer: PreTrainedTokenizerBase, samples: Sequence[GroundingSample]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Encode samples as token ids and labels, (n, length) each, and the prompts' lengths (n,).

    Prompts and padding are labelled ``IGNORED``.
    """
    prompts = [tokenizer(entry.prompt, add_special_tokens=False).input_ids for entry in samples]
    answers = [tokenizer(entry.answer, add_special_tokens=False).input_ids for entry in samples]
    length = round_up_length(max(len(p) + len(a) for p, a in zip(prompts, answers, strict=True)))
    ids = torch.full((len(samples), length), tokenizer.pad_token_id)
    labels = torch.full((len(samples), length), IGNORED)
    for i, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        ids[i, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
        labels[i, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    return ids, labels, torch.tensor([len(prompt) for prompt in prompts])
