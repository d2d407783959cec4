"""Metrics of one episode, each a function of its measurements; NaN where a metric is undefined.

If the goal moves, the optimal length is that of the shortest drive that can succeed, whenever it meets the goal
(``measure_shortest_way``); SPL, SoftSPL and the path ratio use it. The remaining path then leads to the goal's position
at that moment, so progress is the largest share of the first distance that was covered, and SoftSPL uses the share
covered at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import World
from sim.metrics.navigation import (
    compute_progress,
    minimum_time,
    ndtw,
    on_policy_mae,
    path_length,
    soft_spl,
    sparc,
    spl,
    time_at_risk,
)
from sim.rollout.episode import Outcome
from sim.rollout.trace import EpisodeTrace

TIME_DECIMALS = 6  # a count of control periods, so that 3 periods are 0.3 s


@dataclass(frozen=True)
class EpisodeMeasurements:
    """A finished episode, with the quantities that several metrics need."""

    trace: EpisodeTrace
    world: World
    outcome: Outcome

    @property
    def success(self) -> bool:
        """True if the task was done."""
        return self.outcome.status == "success"

    @property
    def driven(self) -> np.ndarray:
        """The driven path, (t+1, 2) in m."""
        return self.trace.poses[:, :2]

    @property
    def time_s(self) -> float:
        """Duration of the episode, a multiple of the control period."""
        return round(self.outcome.steps * CONTROL_PERIOD_S, TIME_DECIMALS)

    @cached_property
    def path_m(self) -> float:
        """Length of the driven path."""
        return path_length(self.driven)

    @property
    def optimal_m(self) -> float:
        """Length of the shortest path from the start."""
        return self.trace.optimal_m

    @property
    def left_m(self) -> list[float]:
        """Length of the shortest remaining path, at the start and after each step."""
        left: list[float] = self.trace.to_goal_m.tolist()
        return left

    @property
    def has_ratios(self) -> bool:
        """True if path and time can be compared with the optimum: a failed episode may be short without being good."""
        return self.success and self.optimal_m > 0.0

    @property
    def goal_moves(self) -> bool:
        """True if the goal is one of the movers."""
        return self.world.goal_mover is not None


def measure_time(episode: EpisodeMeasurements) -> float:
    """Return the duration in s."""
    return episode.time_s


def measure_path(episode: EpisodeMeasurements) -> float:
    """Return the length of the driven path in m."""
    return episode.path_m


def measure_optimal_path(episode: EpisodeMeasurements) -> float:
    """Return the length of the shortest path in m."""
    return episode.optimal_m


def measure_path_ratio(episode: EpisodeMeasurements) -> float:
    """Compute the length of the driven path over that of the shortest one; NaN for a failure."""
    return episode.path_m / episode.optimal_m if episode.has_ratios else math.nan


def measure_time_ratio(episode: EpisodeMeasurements) -> float:
    """Compute the duration over the shortest possible one; NaN for a failure."""
    return episode.time_s / minimum_time(episode.optimal_m, episode.world) if episode.has_ratios else math.nan


def measure_spl(episode: EpisodeMeasurements) -> float:
    """Compute success weighted by path length."""
    return spl(episode.success, episode.path_m, episode.optimal_m)


def measure_soft_spl(episode: EpisodeMeasurements) -> float:
    """Compute SPL with the share of the way covered at the end in place of success."""
    left_m = episode.left_m
    return soft_spl(compute_progress(left_m[-1], left_m[0]), episode.path_m, episode.optimal_m)


def measure_ndtw(episode: EpisodeMeasurements) -> float:
    """Compute normalised dynamic time warping to the expert's path; NaN if the goal moves."""
    if episode.goal_moves:  # no one path is the reference
        return math.nan
    return ndtw(episode.trace.reference, episode.driven, episode.world.task.goal.radius_m)


def measure_clearance(episode: EpisodeMeasurements) -> float:
    """Return the smallest clearance in m."""
    return float(episode.trace.clearance_m.min())


def measure_risk(episode: EpisodeMeasurements) -> float:
    """Compute the time at risk of a collision in s."""
    return round(time_at_risk(episode.trace.clearance_m, CONTROL_PERIOD_S), TIME_DECIMALS)


def measure_smoothness(episode: EpisodeMeasurements) -> float:
    """Compute the spectral arc length of the speed."""
    speed = np.linalg.norm(np.diff(episode.driven, axis=0), axis=1) / CONTROL_PERIOD_S
    return sparc(speed, CONTROL_PERIOD_S)


def measure_progress(episode: EpisodeMeasurements) -> float:
    """Compute the largest share of the way to the goal covered at any time."""
    left_m = episode.left_m
    return compute_progress(min(left_m), left_m[0])


def measure_on_policy_mae(episode: EpisodeMeasurements) -> float:
    """Compute the mean absolute difference to the expert's actions."""
    return on_policy_mae(episode.trace.actions, episode.trace.labels)


def measure_policy_time(episode: EpisodeMeasurements) -> float:
    """Return the median inference time per observation in ms; NaN if there is none."""
    return _median(episode.trace.policy_ms)


def measure_call_time(episode: EpisodeMeasurements) -> float:
    """Return the median duration of the policy's calls in ms; NaN if there is none."""
    return _median(episode.trace.call_ms)


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else math.nan
