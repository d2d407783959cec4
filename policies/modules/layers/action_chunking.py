"""Execution of action chunks: the first few actions of each, or temporal ensembling of all chunks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scenarios.common.errors import InputError


class ActionChunkPlayer:
    """Selects one action per slot and step from the chunks that a policy predicts at every step.

    Either the first ``execute`` actions of a chunk are executed, in order, before the next chunk is used; or, with
    ``ensemble``, each action is the weighted mean of all chunks' predictions for this step. The i-th oldest has weight
    exp(-ensemble * i): temporal ensembling, Zhao et al. 2023 (ACT, arXiv 2304.13705), where ``ensemble`` is 0.01.
    """

    def __init__(self, slots: int, chunk: int, axes: int, *, execute: int = 1, ensemble: float | None = None) -> None:
        """Start without predictions.

        Raises:
            InputError: ``execute`` isn't 1 to ``chunk``, or isn't 1 with an ensemble, which executes one at a time.
        """
        if not 1 <= execute <= chunk:
            raise InputError(f"{execute} actions of a chunk of {chunk} can't be executed: choose 1 to {chunk}")
        if ensemble is not None and execute != 1:
            raise InputError(f"temporal ensembling executes 1 action of a chunk, not {execute}: choose one of the two")
        self.execute, self.ensemble = execute, ensemble
        self._recent = np.zeros(
            (slots, chunk, chunk, axes), np.float32
        )  # (slot, age of the chunk in steps, index in the chunk)
        self._steps = np.zeros(slots, np.int64)  # since the slot's episode began
        self._ages = np.arange(chunk)
        # Not by NumPy, whose exponential rounds as the processor's instructions do.
        self._decay = np.array([math.exp(-(ensemble or 0.0) * age) for age in range(chunk)])

    def reset(self, slots: Sequence[int]) -> None:
        """Start episodes in these slots: forget their predictions, and add slots if needed."""
        more = max(slots, default=-1) + 1 - len(self._steps)
        if more > 0:
            self._recent = np.concatenate([self._recent, np.zeros((more, *self._recent.shape[1:]), np.float32)])
            self._steps = np.concatenate([self._steps, np.zeros(more, np.int64)])
        self._recent[list(slots)] = 0.0
        self._steps[list(slots)] = 0

    def share(self) -> ActionChunkPlayer:
        """Return a player of the same kind, without slots."""
        _, chunk, _, axes = self._recent.shape
        return ActionChunkPlayer(0, chunk, axes, execute=self.execute, ensemble=self.ensemble)

    def play(self, chunks: np.ndarray, live: np.ndarray) -> np.ndarray:
        """Return the current actions (slots, axes) float32.

        Args:
            chunks: Predicted now, (slots, chunk, axes).
            live: (slots,) bool; the other slots keep their predictions.
        """
        recent = np.concatenate([chunks[:, None], self._recent[:, :-1]], axis=1, dtype=np.float32)
        foreseen = recent[:, self._ages, self._ages]  # (slots, age, axes): each chunk's prediction for this step
        actions = np.einsum("sa,sax->sx", self._weights(), foreseen).astype(np.float32)
        self._recent = recent if live.all() else np.where(live[:, None, None, None], recent, self._recent)
        self._steps += live
        return actions

    def _weights(self) -> np.ndarray:
        """Compute the weight of each chunk in the current action, (slots, age); they sum to 1 in each slot."""
        steps = self._steps[:, None]
        if self.ensemble is None:
            return (self._ages == steps % self.execute).astype(np.float64)
        oldest = np.minimum(steps, len(self._ages) - 1)
        weights = np.where(self._ages <= oldest, self._decay[oldest - self._ages], 0.0)
        return weights / weights.sum(axis=1, keepdims=True)
