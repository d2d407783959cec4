"""Evidence of a policy on a data set: everything that offline metrics are computed from, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode

Need = Literal["labels", "chunks", "retrains", "blank frames", "other words"]
"""A part of the evidence, each gathered in a pass of its own."""
NEEDS: tuple[Need, ...] = get_args(Need)


class EpisodeCalls(NamedTuple):
    """The calls of a policy on an episode."""

    sound: np.ndarray
    """(k,) bool, whether every action to execute was finite and within [-1, 1]."""
    seconds: np.ndarray
    """(k,) duration of each call, divided by the episodes in its batch."""
    chunks: np.ndarray
    """(k, c, 3) actions of each answer, zero where they weren't finite."""


@dataclass(frozen=True)
class Cost:
    """What it took to gather some evidence."""

    frames: int = 0
    """Frames that a policy was asked about."""
    renders: int = 0
    """Frames that were rendered."""
    steps: int = 0
    """Control steps that were simulated."""
    seconds: float = 0.0
    """Wall time."""

    def __add__(self, other: Cost) -> Cost:
        """Return the sum of two costs."""
        return Cost(
            self.frames + other.frames,
            self.renders + other.renders,
            self.steps + other.steps,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, eq=False)
class Evidence:
    """A policy's answers on a data set. Parts that weren't gathered are empty; others have an entry per episode.

    Attributes:
        period_s: Time for each call of the policy: until the next one.
        replan: Actions that are executed of each answer.
        episodes: Labels and predictions.
        calls: The calls that made the predictions.
        ensemble: (k, t, axes) each: predictions of the policy, then of its retrains.
        blank: Predictions on grey frames.
        reworded: Predictions with the instruction of another episode.
    """

    period_s: float
    replan: int
    episodes: tuple[PredictedEpisode, ...]
    calls: tuple[EpisodeCalls, ...] = ()
    ensemble: tuple[np.ndarray, ...] = ()
    blank: tuple[PredictedEpisode, ...] = ()
    reworded: tuple[PredictedEpisode, ...] = ()
