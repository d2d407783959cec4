"""Training tasks of the published systems: the common part, and cloning over windows of cached features."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from policies.systems.network import System
from policies.train.data.feature_cache import PER_EPISODE, FeatureSet
from policies.train.data.windows import draw_windows
from policies.train.loop.precision import Bfloat16Forward, has_fast_bfloat16
from policies.train.tasks.validation import average_errors

WINDOW = 24  # frames to backpropagate through a memory
WARMUP_FRAMES = 4  # of a window that starts later than its episode, with an empty memory
WARMUP_WEIGHT = 0.3  # loss weight of those frames
HUBER_BETA = 0.1  # error beyond which the loss is linear


class SystemBatch(NamedTuple):
    """b windows of t frames."""

    inputs: tuple[torch.Tensor, ...]  # of the network's per-frame part
    targets: torch.Tensor  # (b, t, chunk, 3)
    weights: torch.Tensor  # (b, t, chunk): 0 beyond an episode's end


class _Actions(nn.Module):
    """Actions (b, t, chunk, axes) of a whole system, from cached features (b, t, ...) in the row's order."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system

    def forward(self, *features: torch.Tensor) -> torch.Tensor:
        dtype = next(self.system.parameters()).dtype
        named = {name: value.to(dtype) for name, value in zip(self.system.features, features, strict=True)}
        state = self.system.initial_state(len(features[0])).to(dtype)
        actions: torch.Tensor = self.system(named, state).actions
        return actions


class SystemTask(ABC):
    """Common part of both training tasks of a system: predicted actions of a batch, their loss, and validation.

    Args:
        actions: Maps a batch's inputs to actions (b, t, chunk, axes).
        device: The device of ``system``.
    """

    def __init__(self, system: System, actions: nn.Module, device: torch.device) -> None:
        self.system, self.actions, self.device = system, actions, device
        self.name = system.row.checkpoint or system.row.name

    @property
    @abstractmethod
    def steps(self) -> int:
        """Number of batches per epoch."""

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> Iterator[SystemBatch]:
        """Yield the batches of one epoch; all random numbers come from ``rng``."""

    def predict_actions(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """Predict actions (b, t, chunk, axes)."""
        actions: torch.Tensor = self.actions(*(value.to(self.device) for value in inputs))
        return actions

    def frames(self, batch: SystemBatch) -> int:
        return batch.weights.shape[0] * batch.weights.shape[1]

    def loss(self, batch: SystemBatch) -> torch.Tensor:
        """Compute the loss that the row names, over the axes that the system predicts."""
        predicted = self.predict_actions(batch.inputs)
        targets, weights = batch.targets.to(self.device)[..., : predicted.shape[-1]], batch.weights.to(self.device)
        if self.system.row.loss == "huber":
            errors = nn.functional.smooth_l1_loss(predicted, targets, beta=HUBER_BETA, reduction="none")
        else:
            errors = nn.functional.mse_loss(predicted, targets, reduction="none")
        return (errors.mean(-1) * weights).sum() / weights.sum()

    def validate(self) -> list[float]:
        """Compute the MAE of each chunk's first action; an axis that isn't predicted counts as 0."""
        episodes = self.validation_episodes()
        return average_errors((self._predict_axes(inputs, labels.shape[1]), labels) for inputs, labels in episodes)

    def _predict_axes(self, inputs: Sequence[torch.Tensor], axes: int) -> np.ndarray:
        predicted = self.predict_actions(inputs)[:, :, 0].flatten(0, 1).float().cpu().numpy()
        return np.pad(predicted, ((0, 0), (0, axes - predicted.shape[1])))

    @abstractmethod
    def validation_episodes(self) -> Iterator[tuple[Sequence[torch.Tensor], np.ndarray]]:
        """Yield the inputs and labels (t, 3) of each validation episode."""

    def save(self, folder: Path) -> None:
        self.system.save_pretrained(folder)


class FeatureTask(SystemTask):
    """Training task on cached features: windows of ``WINDOW`` frames, or single frames for systems without a memory."""

    def __init__(
        self,
        system: System,
        train: Sequence[FeatureSet],
        validation: Sequence[FeatureSet],
        frames_per_batch: int,
        device: torch.device,
    ) -> None:
        super().__init__(system, Bfloat16Forward(_Actions(system), has_fast_bfloat16(device)), device)
        self.train, self.validation = train, validation
        self.length = 1 if system.row.window == 1 else WINDOW
        self.windows = max(1, frames_per_batch // self.length)

    @property
    def steps(self) -> int:
        count = sum(-(-episode.length // self.length) for part in self.train for episode in part.episodes)
        return -(-count // self.windows)

    def batches(self, rng: np.random.Generator) -> Iterator[SystemBatch]:
        windows = draw_windows(self.train, (self.length,), rng)[self.length]
        for first in range(0, len(windows), self.windows):
            yield self._batch(sorted(windows[first : first + self.windows]))

    def validation_episodes(self) -> Iterator[tuple[Sequence[torch.Tensor], np.ndarray]]:
        for part in self.validation:
            for number, episode in enumerate(part.episodes):
                rows = np.arange(episode.start, episode.start + episode.length)[None]
                inputs = [_gather_rows(part, name, rows, [number]) for name in self.system.features]
                yield [torch.from_numpy(value).float() for value in inputs], part.actions[rows[0]]

    def _batch(self, windows: list[tuple[int, int, int]]) -> SystemBatch:
        """Gather windows (set, episode, first frame), which are in ascending order so that each set is read once."""
        inputs: dict[str, list[np.ndarray]] = {name: [] for name in self.system.features}
        targets, weights = [], []
        for s, group in groupby(windows, key=lambda window: window[0]):
            part, chosen = self.train[s], [(e, begin) for _, e, begin in group]
            episodes = [part.episodes[e] for e, _ in chosen]
            starts = np.array([[episode.start] for episode in episodes])  # (b, 1)
            lengths = np.array([[episode.length] for episode in episodes])
            inside = np.array([[begin] for _, begin in chosen]) + np.arange(self.length)  # (b, t)
            rows = starts + np.minimum(inside, lengths - 1)
            for name, of in inputs.items():
                of.append(_gather_rows(part, name, rows, [e for e, _ in chosen]))
            ahead = inside[..., None] + np.arange(self.system.head.chunk)  # (b, t, chunk)
            targets.append(part.actions[starts[..., None] + np.minimum(ahead, lengths[..., None] - 1)])
            valid = (ahead < lengths[..., None]).astype(np.float32)
            if self.length > 1:
                valid[[begin > 0 for _, begin in chosen], :WARMUP_FRAMES] *= WARMUP_WEIGHT
            weights.append(valid)
        return SystemBatch(
            tuple(torch.from_numpy(np.concatenate(of)).float() for of in inputs.values()),
            torch.from_numpy(np.concatenate(targets)),
            torch.from_numpy(np.concatenate(weights)),
        )


def _gather_rows(part: FeatureSet, name: str, rows: np.ndarray, episodes: Sequence[int]) -> np.ndarray:
    """Gather a feature (b, t, ...) at some rows (b, t) of the episodes with numbers ``episodes`` (b)."""
    if name in PER_EPISODE:
        return np.repeat(part.features[name][episodes][:, None], rows.shape[1], axis=1)
    return np.asarray(part.features[name][rows])
