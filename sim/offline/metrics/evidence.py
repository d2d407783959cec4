"""Evidence of a policy on a data set: everything that offline metrics are computed from, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes.critical import count_rules
from sim.offline.metrics.scenes.drives import DrivenStates
from sim.offline.metrics.scenes.language import SecondInstruction
from sim.offline.metrics.scenes.offset_views import OffsetViews
from sim.offline.metrics.scenes.open_loop import RollScore, score_episode
from sim.offline.metrics.scenes.scene import EpisodeScene

Need = Literal[
    "labels",
    "chunks",
    "retrains",
    "blank frames",
    "other words",
    "scenes",
    "second instruction",
    "renders",
    "short drives",
    "drives",
]
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
        scenes: The true scenes.
        told: What a second instruction changes; None where the scene allows no other task.
        views: Answers to views from poses around the demonstrator's.
        short_drives: The first seconds of drives in some of the scenes; None in the others.
        drives: Whole drives in some of the scenes; None in the others.
    """

    period_s: float
    replan: int
    episodes: tuple[PredictedEpisode, ...]
    calls: tuple[EpisodeCalls, ...] = ()
    ensemble: tuple[np.ndarray, ...] = ()
    blank: tuple[PredictedEpisode, ...] = ()
    reworded: tuple[PredictedEpisode, ...] = ()
    scenes: tuple[EpisodeScene, ...] = ()
    told: tuple[SecondInstruction | None, ...] = ()
    views: tuple[OffsetViews, ...] = ()
    short_drives: tuple[DrivenStates | None, ...] = ()
    drives: tuple[DrivenStates | None, ...] = ()

    @cached_property
    def critical(self) -> tuple[np.ndarray, ...]:
        """By how many rules each frame (t,) of each episode is critical, from labels and scenes."""
        pairs = zip(self.episodes, self.scenes, strict=True)
        return tuple(count_rules(episode, scene) for episode, scene in pairs)

    @cached_property
    def rolls(self) -> tuple[tuple[RollScore, ...], ...]:
        """The scores of each episode's predictions, rolled in its scene."""
        pairs = zip(self.episodes, self.scenes, strict=True)
        return tuple(score_episode(episode, scene) for episode, scene in pairs)
