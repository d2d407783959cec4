"""Captioned frames as training samples: what is seen where, in words and in Kosmos-2's location tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.backbones.text.tokenizer import END_OBJECT, END_PHRASE, OBJECT, PHRASE, patch_token
from policies.dataset import SeenObject
from policies.train.data.frame_store import FRAME_SIZE, FrameStore
from policies.train.data.windows import MIRROR, Augmentation, Look, augment, mirrored_text


class Sample(NamedTuple):
    """One captioned frame of a store."""

    store: int
    row: int
    objects: tuple[SeenObject, ...]
    instruction: str
    action: np.ndarray  # (3,) float32: what the expert does there


class Picture(NamedTuple):
    """One augmented frame with the boxes moved along."""

    planes: np.ndarray  # (1, 3, s, s) uint8, in this look yet to be put on:
    look: Look
    objects: tuple[SeenObject, ...]
    instruction: str
    action: np.ndarray  # (3,) float32, mirrored along


def captioned_frames(stores: Sequence[FrameStore]) -> list[Sample]:
    """Every captioned frame that shows something."""
    return [
        Sample(s, row, caption.objects, episode.instruction, store.actions[row])
        for s, store in enumerate(stores)
        for episode in store.episodes
        for caption in episode.captions
        if caption.objects
        for row in (episode.start + caption.frame,)
    ]


def picture(
    stores: Sequence[FrameStore], sample: Sample, augmentation: Augmentation, rng: np.random.Generator
) -> Picture:
    """The sample's frame, augmented, with its boxes where their things now are."""
    frames = stores[sample.store].pixels[sample.row : sample.row + 1]
    planes, look, (dx, dy), mirrored = augment(frames, augmentation, rng)
    objects, instruction = sample.objects, sample.instruction
    moved = tuple(SeenObject(seen.phrase, _moved(seen.box, dx, dy, mirrored)) for seen in objects)
    if mirrored:
        return Picture(planes, look, moved, mirrored_text(instruction), sample.action * MIRROR)
    return Picture(planes, look, moved, instruction, sample.action)


def _moved(
    box: tuple[float, float, float, float], dx: int, dy: int, mirrored: bool
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    x0, x1 = x0 + dx / FRAME_SIZE, x1 + dx / FRAME_SIZE
    y0, y1 = y0 + dy / FRAME_SIZE, y1 + dy / FRAME_SIZE
    return (1.0 - x1, y0, 1.0 - x0, y1) if mirrored else (x0, y0, x1, y1)


def area(seen: SeenObject) -> float:
    """Share of the image that its box covers."""
    x0, y0, x1, y1 = seen.box
    return max(0.0, x1 - x0) * max(0.0, y1 - y0)


def corners(box: tuple[float, float, float, float], grid: int) -> tuple[int, int]:
    """Kosmos-2's two location tokens of a box: the cells that hold its upper left and its lower right corner.

    Source: ``coordinate_to_patch_index`` of transformers' Kosmos2Processor.
    """
    x0, y0, x1, y1 = (float(np.clip(value, 0.0, 1.0)) for value in box)
    left, up = min(int(x0 * grid), grid - 1), min(int(y0 * grid), grid - 1)
    right, low = (
        min(max(int(np.ceil(x1 * grid)) - 1, left), grid - 1),
        min(max(int(np.ceil(y1 * grid)) - 1, up), grid - 1),
    )
    return up * grid + left, low * grid + right


def location(box: tuple[float, float, float, float], grid: int) -> str:
    """``<patch_index_..><patch_index_..></object>``: what follows ``<object>``."""
    first, last = corners(box, grid)
    return f"{patch_token(first)}{patch_token(last)}{END_OBJECT}"


def grounded(seen: SeenObject, grid: int) -> str:
    """``<phrase> red ball</phrase><object>…</object>``"""
    return f"{PHRASE} {seen.phrase}{END_PHRASE}{OBJECT}{location(seen.box, grid)}"


def sentence(objects: Sequence[SeenObject]) -> str:
    """A caption in plain words, the largest thing first: "a red ball, a blue box and a grey box"."""
    names = [f"a {seen.phrase}" for seen in sorted(objects, key=lambda seen: (-area(seen), seen.phrase))]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
