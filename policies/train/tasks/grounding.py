"""Kosmos-2's grounded captioning on our own frames: name what is seen and where; find what an instruction names.

Beside the language loss, each cell of the image is asked for the words that name what is in it, by the likeness of its
projected token to the words' embeddings, and the decoder, having read what an instruction names, points at its cells by
the likeness of its state. That puts pictures and words into one space at once; from captions alone, the small decoder
takes many times as many frames to begin to look.

And the pooled features are asked for the expert's action: what a large model has seen of free space and distance in
its billions of pictures, a small one that is taught names alone doesn't hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from rich.console import Console
from torch import nn
from transformers import Kosmos2ForConditionalGeneration, PreTrainedTokenizerBase

from policies.backbones.kosmos2 import (
    ABSENCE_LOG_ODDS,
    encode_image_tokens,
    pointing_logits,
    project_to_word_embeddings,
    run_decoder,
)
from policies.backbones.preprocessing import normalise_pixels
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.tokenizer import BOS, END_IMAGE, END_OBJECT, GROUNDING, IMAGE, OBJECT
from policies.dataset import SeenObject
from policies.train.data.caption_samples import (
    AugmentedSample,
    CaptionSample,
    format_grounded_phrase,
    format_location,
    measure_box_area,
)
from policies.train.data.frame_store import FrameStore
from policies.train.loop.precision import CPU, Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.pretraining import (
    Pretraining,
    PretrainOptions,
    round_up_length,
    run_pretraining,
    stack_planes,
)
from scenarios.robot import ACTION_SIZE

PROMPT = f"{BOS}{IMAGE}{END_IMAGE}{GROUNDING}"
IGNORED = -100
SHARE_FIND = 0.75  # of the samples that find what a sentence names; the others caption
SHARE_ABSENT = 0.30  # of those, that name something which isn't in the picture
SHARE_HALF_TRUE = 0.7  # of those, that name it by half the name of what is: the other half must then be looked at, too
SHARE_ALIKE = 0.6  # of those, if they can, name what shares a word with another thing in the picture: a colour, a shape
CONTRASTIVE_WEIGHT = 3.0  # weight of telling a thing's words from all others, as colours are learned long before shapes
NAMING_WEIGHT = 20.0  # weight of the naming and pointing losses; few cells hold anything, so their means are small
CAPTION_OBJECTS = 3  # things named in a caption
SHARE_OWN = 0.4  # of the samples that find: the episode's own instruction, and what the expert does under it
ACTION_WEIGHT = 6.0  # weight of telling the expert's action
HUBER_BETA = 0.1  # error beyond which that loss is linear


class GroundingSample(NamedTuple):
    """What stands before the answer, which isn't learned, the answer, and where the prompt's words point."""

    prompt: str
    answer: str
    named: tuple[SeenObject, ...] | None = None  # what the prompt names: () if it isn't there, None if it names nothing
    own: bool = False  # whether the prompt is the episode's own instruction


class _States(nn.Module):
    """The decoder's states over pictures and words, the image's tokens in the space of the words, and the pooler's."""

    def __init__(self, kosmos2: Kosmos2ForConditionalGeneration) -> None:
        super().__init__()
        self.kosmos2 = kosmos2

    def forward(self, planes: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        tokens = encode_image_tokens(self.kosmos2, planes)
        return run_decoder(self.kosmos2, tokens, ids), project_to_word_embeddings(self.kosmos2, tokens), tokens[:, 0]


def sample_grounding_task(
    picture: AugmentedSample, phrases: Sequence[str], grid: int, rng: np.random.Generator
) -> GroundingSample:
    """What to learn from one picture, drawn at random.

    Either a grounded caption of some of what is seen, or an instruction that names one thing (the episode's own words,
    as they are or with any thing's phrase in the place of the target's) and asks where it is; ``<object></object>`` if
    nowhere.

    Args:
        phrases: Every phrase there is, to name absent things.
    """
    seen = sorted(picture.objects, key=measure_box_area, reverse=True)
    if rng.random() >= SHARE_FIND:
        named = sorted(seen[:CAPTION_OBJECTS], key=lambda entry: entry.box[0])
        return GroundingSample(PROMPT, "".join(format_grounded_phrase(entry, grid) for entry in named))
    own = next((p for p in sorted(phrases, key=len, reverse=True) if p in picture.instruction), None)
    if rng.random() < SHARE_OWN:
        there = tuple(entry for entry in seen if entry.phrase == own)
        answer = format_location(there[0].box, grid) if there else END_OBJECT if own else ""
        return GroundingSample(f"{PROMPT}{picture.instruction}{OBJECT}", answer, there if own else None, own=True)
    pattern = picture.instruction.replace(own, "{}") if own else "go to the {}"
    visible = {entry.phrase for entry in seen}
    absent = [phrase for phrase in phrases if phrase not in visible]
    if absent and rng.random() < SHARE_ABSENT:
        half_true = [phrase for phrase in absent if any(_share_a_word(phrase, other) for other in visible)]
        choice = half_true if half_true and rng.random() < SHARE_HALF_TRUE else absent
        phrase = choice[int(rng.integers(len(choice)))]
        return GroundingSample(f"{PROMPT}{pattern.replace('{}', phrase)}{OBJECT}", END_OBJECT, ())
    alike = [entry for entry in seen if any(_share_a_word(entry.phrase, other) for other in visible)]
    hard = alike if alike and rng.random() < SHARE_ALIKE else seen
    entry = hard[int(rng.integers(len(hard)))]
    same = tuple(other for other in seen if other.phrase == entry.phrase)
    nearest = format_location(same[0].box, grid)  # the largest of several with one name
    return GroundingSample(f"{PROMPT}{pattern.replace('{}', entry.phrase)}{OBJECT}", nearest, same)


def _share_a_word(one: str, other: str) -> bool:
    """Whether one phrase could be taken for another by half of its words."""
    return one != other and bool({*one.split()} & {*other.split()})


def find_object_cells(seen: SeenObject, grid: int) -> np.ndarray:
    """Which cells of the grid a thing is in, (grid * grid) bool: those of which a fifth of either lies in the other."""
    edges = np.arange(grid + 1) / grid
    x0, y0, x1, y1 = seen.box
    wide = np.clip(np.minimum(edges[1:], x1) - np.maximum(edges[:-1], x0), 0.0, None)  # (grid,)
    high = np.clip(np.minimum(edges[1:], y1) - np.maximum(edges[:-1], y0), 0.0, None)  # (grid,)
    inside: np.ndarray = high[:, None] * wide[None, :] > 0.2 * min(1.0 / grid**2, measure_box_area(seen))
    return inside.reshape(grid * grid)


def label_cell_words(objects: Sequence[SeenObject], words: Sequence[str], grid: int) -> np.ndarray:
    """Which words name something in each cell of the grid, (grid * grid, words) float32 of 0 and 1."""
    answer = np.zeros((grid * grid, len(words)), np.float32)
    for seen in objects:
        inside = find_object_cells(seen, grid)
        for word in seen.phrase.split():
            answer[inside, words.index(word)] = 1.0
    return answer


class _GroundingBatch(NamedTuple):
    """Pictures, and what each is asked."""

    pictures: list[AugmentedSample]
    samples: list[GroundingSample]


class _GroundingPretraining(Pretraining[_GroundingBatch]):
    """Kosmos-2's: caption, name what is in each cell, point at what an instruction names, tell the expert's action."""

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
        config: Any = kosmos2.config  # its parts are typed as dictionaries, too
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
        pictures, exercises = batch
        device, grid, text_model = self._device, self._grid, self._kosmos2.text_model
        ids, labels, lengths = (part.to(device) for part in encode_samples(self._tokenizer, exercises))
        states, cells, pooled = self._trunk(normalise_pixels(stack_planes(pictures).to(device)), ids)
        named = torch.from_numpy(np.stack([label_cell_words(entry.objects, self._words, grid) for entry in pictures]))
        scores = cells @ text_model.model.embed_tokens(self._word_ids).T - ABSENCE_LOG_ODDS  # (n, cells, words)
        words = states[:, -ids.shape[1] + 2 :]  # from </image> on: what stands behind the latents
        logits = text_model.lm_head(words[:, :-1])
        captioning = nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 3:].flatten(), ignore_index=IGNORED)
        asked = [i for i, entry in enumerate(exercises) if entry.named is not None]
        query = states[torch.arange(len(ids), device=device), lengths + (states.shape[1] - ids.shape[1] - 1)]
        pointed = pointing_loss(
            pointing_logits(cells[asked], query[asked]), [exercises[i].named or () for i in asked], grid
        )
        own = [i for i, entry in enumerate(exercises) if entry.own]
        actions = torch.from_numpy(np.stack([entry.action for entry in pictures])).to(device)
        seen, told = self._image_action_head(pooled), self._text_action_head(query[own])
        driving = action_loss(seen, actions) + action_loss(told, actions[own])
        return captioning + naming_loss(scores, named.to(device)) + pointed + ACTION_WEIGHT * driving


def train_kosmos2(
    kosmos2: Kosmos2ForConditionalGeneration,
    tokenizer: PreTrainedTokenizerBase,
    stores: Sequence[FrameStore],
    options: PretrainOptions,
    out: Path,
    console: Console,
    device: torch.device = CPU,
) -> None:
    """Train a Kosmos-2 in place on the captioned frames of some stores, on ``device``; ``out`` gets it, epoch by epoch.

    A run that was stopped goes on from ``out``, to the same end.
    """
    run_pretraining(_GroundingPretraining(kosmos2, tokenizer, stores, options, device), out, console, device)


def action_loss(answer: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """How far (n, 3) answers are from the expert's actions: Huber's loss, 0 of no samples."""
    return nn.functional.smooth_l1_loss(answer, actions, beta=HUBER_BETA, reduction="sum") / max(1, actions.numel())


def collect_words(samples: Sequence[CaptionSample]) -> list[str]:
    """Every word that names something in some captioned frames."""
    return sorted({word for sample in samples for seen in sample.objects for word in seen.phrase.split()})


def naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """How far log odds (n, cells, words) are from naming what is in each cell: every word's own, and all against each
    other. ``named`` as in ``contrastive_naming_loss``."""
    naming = nn.functional.binary_cross_entropy_with_logits(scores, named) * NAMING_WEIGHT
    return naming + CONTRASTIVE_WEIGHT * contrastive_naming_loss(scores, named)


def contrastive_naming_loss(scores: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """Cross entropy between the words that name what is in a cell and the likeness to all words, over cells that hold
    something.

    Args:
        scores: (n, cells, words) log odds. named: (n, cells, words), 1 where a word names something in a cell.
    """
    held = named.sum(dim=-1) > 0
    target = named[held] / named[held].sum(dim=-1, keepdim=True)
    return nn.functional.cross_entropy(scores[held], target)


def pointing_loss(scores: torch.Tensor, named: Sequence[Sequence[SeenObject]], grid: int) -> torch.Tensor:
    """How far log odds (n, grid * grid) are from pointing at what is named and at nothing else."""
    where = np.zeros(tuple(scores.shape), np.float32)
    for row, objects in zip(where, named, strict=True):
        for seen in objects:
            row[find_object_cells(seen, grid)] = 1.0
    target = torch.from_numpy(where).to(scores.device)
    return nn.functional.binary_cross_entropy_with_logits(scores, target) * NAMING_WEIGHT


def encode_samples(
    tokenizer: PreTrainedTokenizerBase, exercises: Sequence[GroundingSample]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids and labels, (n, length) each, and the prompts' lengths (n,); prompts and padding are labelled ``IGNORED``."""
    prompts = [tokenizer(entry.prompt, add_special_tokens=False).input_ids for entry in exercises]
    answers = [tokenizer(entry.answer, add_special_tokens=False).input_ids for entry in exercises]
    length = round_up_length(max(len(p) + len(a) for p, a in zip(prompts, answers, strict=True)))
    ids = torch.full((len(exercises), length), tokenizer.pad_token_id)
    labels = torch.full((len(exercises), length), IGNORED)
    for i, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        ids[i, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
        labels[i, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
    return ids, labels, torch.tensor([len(prompt) for prompt in prompts])
