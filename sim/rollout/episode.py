"""The types of a rollout: episode, state, outcome and observer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from scenarios.world import World

POLICY_FAULT: Literal["policy-fault"] = "policy-fault"


@dataclass(frozen=True)
class Episode:
    """The identity of an episode, from which its world can be sampled again on any machine."""

    scenario: str
    suite_seed: int
    number: int
    perturbation: str = "none"


@dataclass(frozen=True)
class Outcome:
    """The end of an episode."""

    status: str
    """A status of ``envs.simulation.task_monitor``, such as 'success' or 'collision', or 'policy-fault'."""
    steps: int
    """Number of control steps."""
    error: str | None = None
    """The policy's error in one line; None unless the status is 'policy-fault'."""


class InferenceTime(NamedTuple):
    """The time that a policy's call took."""

    call_ms: float = 0.0
    """Duration of the call in milliseconds."""
    observations: int = 1
    """Running episodes in its batch."""

    @property
    def policy_ms(self) -> float:
        """Duration of the call per observation, in milliseconds."""
        return self.call_ms / self.observations


class EpisodeState(Protocol):
    """The part of an ``envs.simulation.simulation.EpisodeState`` that this package reads."""

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
    """The part of an ``envs.simulation.lockstep.BatchedStep`` that this package reads: one observation per slot."""

    @property
    def pixels(self) -> np.ndarray: ...  # (n, H, W, 3) uint8
    @property
    def states(self) -> Sequence[EpisodeState]: ...


class Observer:
    """Base class of what follows episodes; subclasses override what they need and don't depend on each other.

    Arrays are new at every step: they may be kept, and must not be written to.
    """

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        """Handle the first observation of an episode."""

    def stepped(
        self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, inference: InferenceTime
    ) -> None:
        """Handle a control step: ``action``, the mean command of the step in [-1, 1], and the observation after it.

        A held action, and a further one of a chunk, has the time of the inference that it comes from.
        """

    def ended(self, slot: int, outcome: Outcome) -> None:
        """Handle the end of an episode; it is the last event of this slot in this block."""
