"""Batches of the reference: views that are mirrored and whose colours vary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from policies.train.reference.views import ViewBatch, ViewSet


@dataclass(frozen=True, kw_only=True)
class ViewAugmentation:
    """What varies from view to view."""

    mirrored: float = 0.5
    """Share of views whose left and right are swapped."""
    brightness: float = 0.18
    """Standard deviation of the logarithm of a factor on all colours."""
    tint: float = 0.05
    """The same for each colour."""
    offset: float = 0.05
    """Standard deviation of what is added, of the full range."""
    noisy: float = 0.3
    """Share of views with noise."""
    noise: float = 0.08
    """Largest standard deviation of that noise, of the full range."""


class TrainingBatch(NamedTuple):
    """n views, as ``ViewBatch`` describes them."""

    pictures: torch.Tensor  # (n, 3, size, size) float32 in about [0, 255]
    ranges: torch.Tensor
    ray_kinds: torch.Tensor
    kinds: torch.Tensor
    colours: torch.Tensor
    places: torch.Tensor


@dataclass(frozen=True)
class _EpochBatches(Dataset[TrainingBatch]):
    """The batches of an epoch; each has random numbers of its own, so it is the same whoever makes it."""

    views: ViewSet
    batches: np.ndarray  # (b, n) numbers of views
    seeds: list[int]
    augmentation: ViewAugmentation

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, number: int) -> TrainingBatch:
        views = self.views.select(self.batches[number])
        return augment_views(views, self.augmentation, np.random.default_rng(self.seeds[number]))


def draw_batches(
    views: ViewSet, size: int, augmentation: ViewAugmentation, rng: np.random.Generator, processes: int = 0
) -> Iterator[TrainingBatch]:
    """Draw one epoch of batches: every view once, less what doesn't fill a batch.

    Args:
        views: All views.
        size: Views in a batch.
        augmentation: What varies.
        rng: Source of all draws.
        processes: That draw ahead; 0: this one. The batches are the same.
    """
    count = len(views) // size
    batches = rng.permutation(len(views))[: count * size].reshape(count, size)
    epoch = _EpochBatches(views, batches, rng.integers(2**63, size=count).tolist(), augmentation)
    pinned = processes > 0 and torch.cuda.is_available()
    # Its generator is not used, but would advance the global one.
    yield from DataLoader(epoch, batch_size=None, num_workers=processes, pin_memory=pinned, generator=torch.Generator())


def augment_views(views: ViewBatch, augmentation: ViewAugmentation, rng: np.random.Generator) -> TrainingBatch:
    """Mirror some views, and change colours."""
    count = len(views.pictures)
    swapped = rng.random(count) < augmentation.mirrored
    parts = [np.where(swapped.reshape(-1, *[1] * (part.ndim - 1)), part[..., ::-1], part) for part in views]
    places = parts[-1].astype(np.float32)
    places[swapped, 1] *= -1.0
    gain = np.exp(rng.normal(0.0, augmentation.brightness, (count, 1, 1, 1)))
    gain = gain * np.exp(rng.normal(0.0, augmentation.tint, (count, 3, 1, 1)))
    offset = 127.5 + 255.0 * rng.normal(0.0, augmentation.offset, (count, 1, 1, 1))
    pictures = torch.from_numpy(parts[0]).float().sub_(127.5)
    pictures.mul_(torch.from_numpy(gain.astype(np.float32))).add_(torch.from_numpy(offset.astype(np.float32)))
    strength = (rng.random(count) < augmentation.noisy) * rng.uniform(0.0, augmentation.noise, count)
    for view in np.flatnonzero(strength).tolist():
        noise = rng.standard_normal(pictures.shape[1:], np.float32)
        pictures[view].add_(torch.from_numpy(noise), alpha=255.0 * float(strength[view]))
    labels = (torch.from_numpy(np.ascontiguousarray(part)) for part in (*parts[1:-1], places))
    return TrainingBatch(pictures, *(part if part.is_floating_point() else part.long() for part in labels))


def collect_batch(views: ViewBatch) -> TrainingBatch:
    """Make a batch of views as they are."""
    labels = (torch.from_numpy(np.ascontiguousarray(part)) for part in views[1:])
    return TrainingBatch(
        torch.from_numpy(views.pictures).float(),
        *(part.float() if part.is_floating_point() else part.long() for part in labels),
    )
