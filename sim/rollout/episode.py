"""The words of a rollout: which episode, what is seen of it, how it ended, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from scenarios.world import World

POLICY_FAULT: Literal["policy-fault"] = "policy-fault"


@dataclass(frozen=True)
class Episode:
    """Which episode it is: enough to draw its world again, on any machine."""

    scenario: str
    suite_seed: int
    number: int
    perturbation: str = "none"


@dataclass(frozen=True)
class Outcome:
    """How an episode ended."""

    status: str
    """A verdict of ``envs.simulation.task_monitor``, such as 'success' or 'collision', or 'policy-fault'."""
    steps: int
    """Control steps that were driven."""
    error: str | None = None
    """What the policy did wrong, in one line; None unless the status is 'policy-fault'."""


class EpisodeState(Protocol):
    """What this package reads of an ``envs.simulation.simulation.EpisodeState``."""

    @property
    def agent_pos(self) -> np.ndarray: ...  # (6,) float32
    @property
    def pose(self) -> np.ndarray: ...  # (3,) float64: x, y (m), yaw (rad), the world's frame
    @property
    def status(self) -> str | None: ...
    @property
    def touched(self) -> str | None: ...
    @property
    def clearance_m(self) -> float: ...
    @property
    def progress(self) -> tuple[float, ...]: ...  # metres along the route of each of the world's movers


class BatchedStep(Protocol):
    """What this package reads of an ``envs.simulation.lockstep.BatchedStep``: one observation of every slot."""

    @property
    def pixels(self) -> np.ndarray: ...  # (n, H, W, 3) uint8
    @property
    def states(self) -> Sequence[EpisodeState]: ...


class Observer:
    """Records episodes. Overrides what it needs; in which order observers are told must not matter to any of them.

    Arrays are fresh at every step: they may be kept, and must not be written to.
    """

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        """An episode begins; this is its first observation."""

    def stepped(self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, policy_ms: float) -> None:
        """``action`` (the mean of what was commanded in this step, in [-1, 1]) was driven and led to this."""

    def ended(self, slot: int, outcome: Outcome) -> None:
        """The episode is over; nothing more comes for this slot in this block."""
