"""Playing action chunks: the first few actions of each, or the mean of all that foresaw the present step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.common.errors import InputError


class ActionChunkPlayer:
    """One action per slot and step, out of the chunks that a policy predicts at every step.

    Either the first ``execute`` actions of a chunk are played, in order, before the next chunk counts; or, with
    ``ensemble``, each action is the weighted mean of what all chunks said of this step. The i-th oldest of them weighs
    exp(-ensemble * i): temporal ensembling, Zhao et al. 2023 (ACT, arXiv 2304.13705), where ``ensemble`` is 0.01.
    """

    def __init__(self, slots: int, chunk: int, axes: int, *, execute: int = 1, ensemble: float | None = None) -> None:
        """InputError if ``execute`` isn't 1 to ``chunk``, or isn't 1 beside an ensemble, which plays one at a time."""
        if not 1 <= execute <= chunk:
            raise InputError(f"{execute} actions of a chunk of {chunk} can't be executed: choose 1 to {chunk}")
        if ensemble is not None and execute != 1:
            raise InputError(f"temporal ensembling plays 1 action of a chunk, not {execute}: leave out one of the two")
        self.execute, self.ensemble = execute, ensemble
        self._recent = np.zeros(
            (slots, chunk, chunk, axes), np.float32
        )  # (slot, age of the chunk in steps, place in it)
        self._steps = np.zeros(slots, np.int64)  # since the slot's episode began
        self._ages = np.arange(chunk)

    def reset(self, slots: Sequence[int]) -> None:
        """Forget what was predicted for these slots, as many as there come to be: an episode begins there."""
        more = max(slots, default=-1) + 1 - len(self._steps)
        if more > 0:
            self._recent = np.concatenate([self._recent, np.zeros((more, *self._recent.shape[1:]), np.float32)])
            self._steps = np.concatenate([self._steps, np.zeros(more, np.int64)])
        self._recent[list(slots)] = 0.0
        self._steps[list(slots)] = 0

    def play(self, chunks: np.ndarray) -> np.ndarray:
        """The present step's actions (slots, axes) float32, given the chunks (slots, chunk, axes) predicted at it."""
        self._recent = np.concatenate([chunks[:, None], self._recent[:, :-1]], axis=1, dtype=np.float32)
        foreseen = self._recent[:, self._ages, self._ages]  # (slots, age, axes): what each chunk said of this step
        actions = np.einsum("sa,sax->sx", self._weights(), foreseen).astype(np.float32)
        self._steps += 1
        return actions

    def _weights(self) -> np.ndarray:
        """(slots, age): the share of each chunk in the present action; sums to 1 in each slot."""
        steps = self._steps[:, None]
        if self.ensemble is None:
            return (self._ages == steps % self.execute).astype(np.float64)
        oldest = np.minimum(steps, len(self._ages) - 1)
        weights = np.where(self._ages <= oldest, np.exp(-self.ensemble * (oldest - self._ages)), 0.0)
        return weights / weights.sum(axis=1, keepdims=True)
