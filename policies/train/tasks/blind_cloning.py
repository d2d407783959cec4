"""Behaviour cloning of the blind network: predict the demonstrated actions from words and odometry alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from policies.blind.network import BlindNetwork
from policies.train.data.frame_store import FrameStore
from policies.train.data.windows import MIRROR_SIGNS, draw_windows, mirror_instruction
from policies.train.tasks.validation import validate_episodes
from scenarios.robot import ACTION_SIZE

WINDOW, WINDOWS_PER_BATCH = 64, 32  # steps of 0.1 s: most of an episode, as only the memory tells how far it is
HUBER_BETA = 0.1  # error beyond which the loss is linear
MIRROR_PROBABILITY = 0.5
ODOMETRY_SIGNS = np.array([1, -1, -1, 1, -1, -1], np.float32)  # when left and right are swapped


class BlindBatch(NamedTuple):
    """b windows of t steps."""

    words: torch.Tensor  # (b, words)
    odometry: torch.Tensor  # (b, t, 6)
    actions: torch.Tensor  # (b, t, 3)
    weights: torch.Tensor  # (b, t): 0 beyond an episode's end


class BlindTask:
    """Training task, as ``policies.train.loop.trainer.TrainingTask``."""

    name = "blind-network"

    def __init__(
        self,
        network: BlindNetwork,
        train: Sequence[FrameStore],
        validation: Sequence[FrameStore],
        device: torch.device,
    ) -> None:
        self._network, self._train, self._validation, self._device = network, train, validation, device

    @property
    def steps(self) -> int:
        """Number of batches per epoch."""
        windows = sum(-(-episode.length // WINDOW) for store in self._train for episode in store.episodes)
        return -(-windows // WINDOWS_PER_BATCH)

    def batches(self, rng: np.random.Generator) -> Iterator[BlindBatch]:
        windows = draw_windows(self._train, (WINDOW,), rng)[WINDOW]
        for first in range(0, len(windows), WINDOWS_PER_BATCH):
            yield self._batch(windows[first : first + WINDOWS_PER_BATCH], rng)

    def frames(self, batch: BlindBatch) -> int:
        return batch.weights.numel()

    def loss(self, batch: BlindBatch) -> torch.Tensor:
        predicted = self._predict(batch.words, batch.odometry)
        errors = nn.functional.smooth_l1_loss(
            predicted, batch.actions.to(self._device), beta=HUBER_BETA, reduction="none"
        )
        weights = batch.weights.to(self._device)
        return (errors.sum(-1) * weights).sum() / (weights.sum() * ACTION_SIZE)

    def validate(self) -> list[float]:
        return validate_episodes(self._validation, self._predict_episode)

    def save(self, folder: Path) -> None:
        self._network.save_pretrained(folder)

    def _predict(self, words: torch.Tensor, odometry: torch.Tensor) -> torch.Tensor:
        state = self._network.initial_state(len(words)).to(self._device)
        actions: torch.Tensor = self._network(words.to(self._device), odometry.to(self._device), state).actions
        return actions

    def _predict_episode(self, store: FrameStore, rows: slice, instruction: str) -> np.ndarray:
        odometry = torch.from_numpy(store.agent_pos[rows])[None]
        actions: np.ndarray = self._predict(self._network.encode([instruction]), odometry)[0].cpu().numpy()
        return actions

    def _batch(self, windows: Sequence[tuple[int, int, int]], rng: np.random.Generator) -> BlindBatch:
        """Gather windows (store, episode, first step), each mirrored with some probability."""
        instructions, odometry, actions, weights = [], [], [], []
        for s, e, begin in windows:
            store, episode = self._train[s], self._train[s].episodes[e]
            inside = begin + np.arange(WINDOW)
            rows = episode.start + np.minimum(inside, episode.length - 1)
            mirrored = rng.random() < MIRROR_PROBABILITY
            instructions.append(mirror_instruction(episode.instruction) if mirrored else episode.instruction)
            odometry.append(store.agent_pos[rows] * (ODOMETRY_SIGNS if mirrored else 1.0))
            actions.append(store.actions[rows] * (MIRROR_SIGNS if mirrored else 1.0))
            weights.append((inside < episode.length).astype(np.float32))
        arrays = (torch.from_numpy(np.stack(each).astype(np.float32)) for each in (odometry, actions, weights))
        return BlindBatch(self._network.encode(instructions), *arrays)
