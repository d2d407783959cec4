"""The trace of an episode, from which metrics, films and failure kinds are computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from policies.scripted.expert import compute_expert_action
from scenarios.navigation.planner import Planner
from scenarios.robot import ACTION_SIZE
from scenarios.world import World
from sim.rollout.episode import Episode, EpisodeState, InferenceTime, Observer, Outcome

START_ROWS = 256  # of an episode's snapshots


class SnapshotSource(Protocol):
    """The part of a simulation that a trace needs."""

    def snapshot(self) -> np.ndarray:
        """Return the poses of everything that moves, (k,)."""
        ...


@dataclass(frozen=True)
class EpisodeTrace:
    """All numbers of one finished episode; t is the number of control steps.

    Attributes:
        episode: The episode.
        poses: (t+1, 3) true x m, y m, yaw rad before each step and after the last.
        actions: (t, 3) the actions sent to the robot, in [-1, 1].
        agent_pos: (t+1, 6) what the policy was shown: body velocity and odometry.
        snapshots: (t+1, k) poses of everything that moves, for ``Simulation.restore_snapshot``.
        clearance_m: (t+1,) from the hull to the nearest blocking item.
        policy_ms: (t,) inference time per observation.
        call_ms: (t,) inference time of the whole call, for all running episodes of the batch.
        labels: (t, 3) the expert's action in each visited state.
        to_goal_m: (t+1,) length of the shortest collision-free path that remains.
        optimal_m: Length of the shortest drive that can succeed, in any direction (``to_goal_m`` counts along a grid).
        reference: (k, 2) the expert's path from the start, in m.
        progress: (t+1, m) metres along the route of each of the world's m movers.
        touched: The item that was hit, or None.
    """

    episode: Episode
    poses: np.ndarray
    actions: np.ndarray
    agent_pos: np.ndarray
    snapshots: np.ndarray
    clearance_m: np.ndarray
    policy_ms: np.ndarray
    call_ms: np.ndarray
    labels: np.ndarray
    to_goal_m: np.ndarray
    optimal_m: float
    reference: np.ndarray
    progress: np.ndarray
    touched: str | None = None

    @property
    def steps(self) -> int:
        """Number of control steps."""
        return len(self.actions)


class SnapshotLog:
    """The snapshots of a running episode, in one array that doubles when it is full.

    An array for each would stay between the pictures and activations of its step, so that the heap grows by 100 MB and
    more until the episode ends.
    """

    def __init__(self, first: np.ndarray) -> None:
        self._rows = np.empty((START_ROWS, len(first)))  # (capacity, k)
        self._count = 0
        self.add(first)

    def add(self, snapshot: np.ndarray) -> None:
        """Copy a snapshot (k,) to the end."""
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._count] = snapshot
        self._count += 1

    def to_array(self) -> np.ndarray:
        """Return a copy of all snapshots, (n, k)."""
        return self._rows[: self._count].copy()


@dataclass
class _RunningEpisode:
    """An episode that still runs."""

    episode: Episode
    world: World
    states: list[EpisodeState]
    snapshots: SnapshotLog
    actions: list[np.ndarray] = field(default_factory=list)
    inferences: list[InferenceTime] = field(default_factory=list)


class TraceObserver(Observer):
    """Collects the ``EpisodeTrace`` of every slot in ``traces``; traces are small, as they contain no frames.

    Args:
        simulations: The simulation of every slot, to take snapshots of.
        planner: Makes the planner of a world's shortest paths.
    """

    def __init__(self, simulations: Sequence[SnapshotSource], planner: Callable[[World], Planner] = Planner) -> None:
        self.traces: dict[int, EpisodeTrace] = {}
        self._simulations = simulations
        self._planner = planner
        self._open: dict[int, _RunningEpisode] = {}

    def started(self, slot: int, episode: Episode, world: World, pixels: np.ndarray, state: EpisodeState) -> None:
        self.traces.pop(slot, None)
        self._open[slot] = _RunningEpisode(episode, world, [state], SnapshotLog(self._snapshot(slot)))

    def stepped(
        self, slot: int, action: np.ndarray, pixels: np.ndarray, state: EpisodeState, inference: InferenceTime
    ) -> None:
        kept = self._open[slot]
        kept.states.append(state)
        kept.snapshots.add(self._snapshot(slot))
        kept.actions.append(action)
        kept.inferences.append(inference)

    def ended(self, slot: int, outcome: Outcome) -> None:
        kept = self._open.pop(slot)
        self.traces[slot] = _finish_trace(kept, self._planner(kept.world))

    def _snapshot(self, slot: int) -> np.ndarray:
        return self._simulations[slot].snapshot()


def _finish_trace(kept: _RunningEpisode, planner: Planner) -> EpisodeTrace:
    """Make the trace of an ended episode, with the expert's action and the remaining path of each of its states."""
    poses = np.array([state.pose for state in kept.states], dtype=np.float64)  # (t+1, 3)
    progress = [state.progress for state in kept.states]
    visited = list(zip(poses, progress, strict=True))
    steps = len(kept.actions)
    return EpisodeTrace(
        episode=kept.episode,
        poses=poses,
        actions=np.array(kept.actions, dtype=np.float32).reshape(steps, ACTION_SIZE),
        agent_pos=np.array([state.agent_pos for state in kept.states], dtype=np.float32),
        snapshots=kept.snapshots.to_array(),
        clearance_m=np.array([state.clearance_m for state in kept.states]),
        policy_ms=np.array([each.policy_ms for each in kept.inferences], dtype=np.float64),
        call_ms=np.array([each.call_ms for each in kept.inferences], dtype=np.float64),
        labels=np.array(
            [compute_expert_action(planner, pose, along) for pose, along in visited[:-1]], dtype=np.float32
        ).reshape(steps, ACTION_SIZE),
        to_goal_m=np.array([planner.at_progress(along).distance_to_goal(pose[:2]) for pose, along in visited]),
        optimal_m=float(planner.optimal_m),
        reference=np.asarray(planner.at_progress(progress[0]).path_from(poses[0, :2]), dtype=np.float64),
        progress=np.array(progress, dtype=np.float64).reshape(steps + 1, -1),
        touched=kept.states[-1].touched,
    )
