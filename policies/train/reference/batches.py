"""Batches of the reference: windows of frames with words, odometry and actions, and what captions say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from policies.dataset import SeenObject
from policies.reference.network import ODOMETRY
from policies.reference.words import KNOWN_FROM, UNKNOWN, WordEncoder, collect_vocabulary
from policies.train.data.caption_samples import move_box
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import (
    MIRROR_SIGNS,
    AugmentedFrames,
    augment_frames,
    draw_windows,
    join_jitters,
    mirror_instruction,
)
from policies.train.reference.recipe import ReferenceBatches
from policies.train.tasks.auxiliary_losses import find_object_cells, label_cell_words

SIDES = ("left", "right")
ODOMETRY_SIGNS = np.array([1.0, -1.0, -1.0], np.float32)  # of x, y and yaw, when left and right are swapped
Objects = tuple[SeenObject, ...]


class CaptionedFrames(NamedTuple):
    """What captions say of c frames of a batch."""

    rows: torch.Tensor  # (c,) int64: their rows among all frames
    named: torch.Tensor  # (c, cells, words): 1 where a word of a phrase names what is in a cell
    asked: torch.Tensor  # (c, cells): 1 where the instruction names what is in a cell
    asks: torch.Tensor  # (c,) bool: whether it names anything
    phrases: torch.Tensor  # (c, length) int64: the phrase of one visible object each
    shown: torch.Tensor  # (c, cells): 1 where that phrase names what is in a cell


class ReferenceBatch(NamedTuple):
    """b windows of t frames."""

    planes: torch.Tensor  # (b, t, 3, s, s) uint8, before the change of colours
    gains: torch.Tensor  # (b, 3) float32, of the colours
    biases: torch.Tensor  # (b, 3) float32
    words: torch.Tensor  # (b, length) int64
    odometry: torch.Tensor  # (b * t, 3)
    actions: torch.Tensor  # (b, t, 3)
    weights: torch.Tensor  # (b, t): 0 where a window is longer than its episode
    captions: CaptionedFrames


class _Window(NamedTuple):
    frames: AugmentedFrames
    instruction: str
    odometry: np.ndarray  # (t, 3)
    actions: np.ndarray  # (t, 3)
    weights: np.ndarray  # (t,)
    captioned: tuple[int, Objects] | None  # a frame of the window, and the objects in it


@dataclass(frozen=True)
class ReferenceData:
    """Recordings to learn from, and the words in them."""

    stores: Sequence[FrameStore]
    phrases: tuple[str, ...]
    """Every phrase of a caption, the longest first."""

    @classmethod
    def from_stores(cls, stores: Sequence[FrameStore], phrases: Sequence[str] = ()) -> ReferenceData:
        """Collect the phrases of some recordings, and add others."""
        captions = (caption for store in stores for episode in store.episodes for caption in episode.captions)
        found = {seen.phrase for caption in captions for seen in caption.objects} | set(phrases)
        return cls(stores, tuple(sorted(found, key=lambda phrase: (-len(phrase), phrase))))

    @cached_property
    def phrase_words(self) -> tuple[str, ...]:
        """The words of all phrases."""
        return collect_vocabulary(self.phrases)

    @cached_property
    def captions(self) -> list[dict[int, Objects]]:
        """For each store, the objects of each captioned frame with any, by its row."""
        return [
            {
                episode.start + one.frame: one.objects
                for episode in store.episodes
                for one in episode.captions
                if one.objects
            }
            for store in self.stores
        ]

    def find_target(self, instruction: str) -> str | None:
        """Find the phrase that an instruction names, or the noun of "target cup"; None if it names none."""
        nouns = sorted({phrase.split()[-1] for phrase in self.phrases})
        named = [phrase for phrase in self.phrases if phrase in instruction]
        return next(iter([*named, *(noun for noun in nouns if f"target {noun}" in instruction)]), None)


@dataclass(frozen=True)
class _EpochBatches(Dataset[ReferenceBatch]):
    """The batches of an epoch; each has random numbers of its own, so it is the same whoever makes it."""

    data: ReferenceData
    encoder: WordEncoder
    grid: int
    options: ReferenceBatches
    windows: Sequence[Sequence[tuple[int, int, int, int]]]
    seeds: Sequence[int]

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, number: int) -> ReferenceBatch:
        rng = np.random.default_rng(self.seeds[number])
        windows = [_load_window(self.data, *window, self.options, rng) for window in self.windows[number]]
        return _join_windows(windows, self.data, self.encoder, self.grid, self.options, rng)


def draw_reference_batches(
    data: ReferenceData,
    encoder: WordEncoder,
    grid: int,
    options: ReferenceBatches,
    rng: np.random.Generator,
    processes: int = 0,
) -> Iterator[ReferenceBatch]:
    """Draw one epoch of batches, each with windows of one length, from episodes of all recordings.

    Args:
        processes: That draw ahead, into memory that a GPU reads directly; 0: this one. The batches are the same.
    """
    batches: list[list[tuple[int, int, int, int]]] = []
    for length, windows in draw_windows(data.stores, options.windows, rng).items():
        size = max(1, min(options.frames_per_batch // length, len(windows)))
        starts = range(0, len(windows) - size + 1, size)
        batches += [[(length, *window) for window in windows[first : first + size]] for first in starts]
    order = (rng.permutation(max(len(batches), options.steps)) % len(batches))[: options.steps]
    seeds = rng.integers(2**63, size=len(order)).tolist()
    epoch = _EpochBatches(data, encoder, grid, options, [batches[int(place)] for place in order], seeds)
    pinned = processes > 0 and torch.cuda.is_available()
    # Its generator is not used, but would advance the global one.
    yield from DataLoader(epoch, batch_size=None, num_workers=processes, pin_memory=pinned, generator=torch.Generator())


def _load_window(
    data: ReferenceData, length: int, s: int, e: int, begin: int, options: ReferenceBatches, rng: np.random.Generator
) -> _Window:
    store, episode = data.stores[s], data.stores[s].episodes[e]
    inside = begin + np.arange(length)
    rows = episode.start + np.minimum(inside, episode.length - 1)  # a short episode repeats its last frame
    weights = (inside < episode.length).astype(np.float32)
    captioned = [place for place, row in enumerate(rows) if weights[place] and int(row) in data.captions[s]]
    if begin > 0:
        weights[: options.warm] *= options.warm_weight
    frames = augment_frames(store.pixels[rows], options.augmentation, rng)
    odometry = store.agent_pos[rows][:, ODOMETRY] * float(rng.random() >= options.lost_odometry)
    actions, instruction = store.actions[rows], episode.instruction
    if frames.mirrored:
        actions, odometry = actions * MIRROR_SIGNS, odometry * ODOMETRY_SIGNS
        instruction = mirror_instruction(instruction)
    found = None
    if captioned:
        place = captioned[int(rng.integers(len(captioned)))]
        boxes = data.captions[s][int(rows[place])]
        found = place, tuple(SeenObject(o.phrase, move_box(o.box, *frames.shift, frames.mirrored)) for o in boxes)
    return _Window(frames, instruction, odometry, actions, weights, found)


def _join_windows(
    windows: Sequence[_Window],
    data: ReferenceData,
    encoder: WordEncoder,
    grid: int,
    options: ReferenceBatches,
    rng: np.random.Generator,
) -> ReferenceBatch:
    instructions = [each.instruction for each in windows]
    words = hide_words(encoder.encode(instructions), _protected(data, encoder), options.unknown_words, rng)
    return ReferenceBatch(
        torch.from_numpy(np.stack([each.frames.planes for each in windows])),
        *join_jitters([each.frames.jitter for each in windows]),
        words,
        torch.from_numpy(np.concatenate([each.odometry for each in windows]).astype(np.float32)),
        torch.from_numpy(np.stack([each.actions for each in windows]).astype(np.float32)),
        torch.from_numpy(np.stack([each.weights for each in windows])),
        _label_captions(windows, data, encoder, grid, rng),
    )


def _protected(data: ReferenceData, encoder: WordEncoder) -> torch.Tensor:
    """Return the ids of the words that must be told apart."""
    return encoder.encode([" ".join(part) for part in (data.phrase_words, SIDES)]).unique()


def hide_words(ids: torch.Tensor, kept: torch.Tensor, share: float, rng: np.random.Generator) -> torch.Tensor:
    """Replace a share of the known words in ids (n, length) by the unknown one, but none of ``kept``."""
    drawn = torch.from_numpy(rng.random(tuple(ids.shape))) < share
    return torch.where(drawn & (ids >= KNOWN_FROM) & ~torch.isin(ids, kept), UNKNOWN, ids)


def _label_captions(
    windows: Sequence[_Window], data: ReferenceData, encoder: WordEncoder, grid: int, rng: np.random.Generator
) -> CaptionedFrames:
    length, cells = len(windows[0].weights), grid * grid
    rows, named, asked, asks, phrases, shown = [], [], [], [], [], []
    for number, window in enumerate(windows):
        if window.captioned is None:
            continue
        place, objects = window.captioned
        target = data.find_target(window.instruction)
        phrase = objects[int(rng.integers(len(objects)))].phrase
        rows.append(number * length + place)
        named.append(label_cell_words(objects, data.phrase_words, grid))
        asked.append(_find_cells(objects, target, grid))
        asks.append(target is not None)
        phrases.append(phrase)
        shown.append(_find_cells(objects, phrase, grid))
    stacked = (np.stack(part) if part else np.zeros((0, cells), np.float32) for part in (asked, shown))
    asked_cells, shown_cells = (torch.from_numpy(part) for part in stacked)
    words = np.stack(named) if named else np.zeros((0, cells, len(data.phrase_words)), np.float32)
    return CaptionedFrames(
        torch.tensor(rows, dtype=torch.int64),
        torch.from_numpy(words),
        asked_cells,
        torch.tensor(asks, dtype=torch.bool),
        encoder.encode(phrases),
        shown_cells,
    )


def _find_cells(objects: Objects, phrase: str | None, grid: int) -> np.ndarray:
    """Find the cells that contain an object of a phrase or noun, (cells,) float32 of 0 and 1."""
    found = np.zeros(grid * grid, np.float32)
    for seen in objects:
        if phrase is not None and f" {seen.phrase}".endswith(f" {phrase}"):
            found[find_object_cells(seen, grid)] = 1.0
    return found
