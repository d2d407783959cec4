"""Captioned frames as training samples: visible objects in words and as Kosmos-2's location tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.backbones.text.tokenizer import END_OBJECT, END_PHRASE, OBJECT, PHRASE, patch_token
from policies.dataset import SeenObject
from policies.train.data.frame_store import FRAME_SIZE, FrameStore
from policies.train.data.windows import MIRROR_SIGNS, Augmentation, ColourJitter, augment_frames, mirror_instruction


class CaptionSample(NamedTuple):
    """One captioned frame of a store."""

    store: int
    row: int
    objects: tuple[SeenObject, ...]
    instruction: str
    action: np.ndarray  # (3,) float32: the expert's action


class AugmentedSample(NamedTuple):
    """One augmented frame with its boxes transformed in the same way."""

    planes: np.ndarray  # (1, 3, s, s) uint8, before the colour jitter is applied
    jitter: ColourJitter
    objects: tuple[SeenObject, ...]
    instruction: str
    action: np.ndarray  # (3,) float32, mirrored with the frame


def select_captioned_frames(stores: Sequence[FrameStore]) -> list[CaptionSample]:
    """Select every captioned frame with at least one visible object."""
    return [
        CaptionSample(s, row, caption.objects, episode.instruction, store.actions[row])
        for s, store in enumerate(stores)
        for episode in store.episodes
        for caption in episode.captions
        if caption.objects
        for row in (episode.start + caption.frame,)
    ]


def augment_sample(
    stores: Sequence[FrameStore], sample: CaptionSample, augmentation: Augmentation, rng: np.random.Generator
) -> AugmentedSample:
    """Augment the frame of a sample, and move its boxes with their objects."""
    frames = stores[sample.store].pixels[sample.row : sample.row + 1]
    planes, jitter, (dx, dy), mirrored = augment_frames(frames, augmentation, rng)
    objects, instruction = sample.objects, sample.instruction
    moved = tuple(SeenObject(seen.phrase, _move_box(seen.box, dx, dy, mirrored)) for seen in objects)
    if mirrored:
        return AugmentedSample(planes, jitter, moved, mirror_instruction(instruction), sample.action * MIRROR_SIGNS)
    return AugmentedSample(planes, jitter, moved, instruction, sample.action)


def _move_box(
    box: tuple[float, float, float, float], dx: int, dy: int, mirrored: bool
) -> tuple[float, float, float, float]:
    """Move a box as ``augment_frames`` moves its frame: by (dx, dy) pixels, then mirrored."""
    x0, y0, x1, y1 = box
    x0, x1 = x0 + dx / FRAME_SIZE, x1 + dx / FRAME_SIZE
    y0, y1 = y0 + dy / FRAME_SIZE, y1 + dy / FRAME_SIZE
    return (1.0 - x1, y0, 1.0 - x0, y1) if mirrored else (x0, y0, x1, y1)


def measure_box_area(seen: SeenObject) -> float:
    """Compute the share of the image that an object's box covers."""
    x0, y0, x1, y1 = seen.box
    return max(0.0, x1 - x0) * max(0.0, y1 - y0)


def find_corner_cells(box: tuple[float, float, float, float], grid: int) -> tuple[int, int]:
    """Find the numbers of the cells in which Kosmos-2 locates a box: those of its upper left and lower right corner.

    Source: ``coordinate_to_patch_index`` of transformers' Kosmos2Processor.
    """
    x0, y0, x1, y1 = (float(np.clip(value, 0.0, 1.0)) for value in box)
    left, up = min(int(x0 * grid), grid - 1), min(int(y0 * grid), grid - 1)
    right, low = (
        min(max(int(np.ceil(x1 * grid)) - 1, left), grid - 1),
        min(max(int(np.ceil(y1 * grid)) - 1, up), grid - 1),
    )
    return up * grid + left, low * grid + right


def format_location(box: tuple[float, float, float, float], grid: int) -> str:
    """Format a box as ``<patch_index_..><patch_index_..></object>``, which follows ``<object>``."""
    first, last = find_corner_cells(box, grid)
    return f"{patch_token(first)}{patch_token(last)}{END_OBJECT}"


def format_grounded_phrase(seen: SeenObject, grid: int) -> str:
    """Format an object as ``<phrase> red ball</phrase><object>…</object>``."""
    return f"{PHRASE} {seen.phrase}{END_PHRASE}{OBJECT}{format_location(seen.box, grid)}"


def format_caption(objects: Sequence[SeenObject]) -> str:
    """Format a caption in plain words, the largest object first: "a red ball, a blue box and a grey box"."""
    names = [f"a {seen.phrase}" for seen in sorted(objects, key=lambda seen: (-measure_box_area(seen), seen.phrase))]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
