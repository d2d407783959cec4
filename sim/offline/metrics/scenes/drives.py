"""Metrics of drives: the error in states that the policy reached itself, and how far these are from the expert's."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.metrics.navigation import on_policy_mae

FIRST_S = 3.0
SHORT_DRIVE_S = 5.0
COMPARED_STATES = 50  # of each drive, at equal times


class DrivenStates(NamedTuple):
    """A drive of s control steps."""

    states: np.ndarray  # (s + 1, 4) x m, y m, yaw rad, m to the goal
    actions: np.ndarray  # (s, 3)
    labels: np.ndarray  # (s, 3) the expert's action in each state
    period_s: float


def measure_driven_error(drive: DrivenStates | None, seconds: float = math.inf) -> float:
    """Compute the mean absolute error in the visited states, up to a time; NaN if it wasn't driven."""
    if drive is None:
        return math.nan
    steps = len(drive.actions) if math.isinf(seconds) else max(1, round(seconds / drive.period_s))
    return on_policy_mae(drive.actions[:steps], drive.labels[:steps])


def measure_state_divergence(drive: DrivenStates | None, demonstrated: np.ndarray) -> float:
    """Compute the Wasserstein-1 distance between the states that a drive and a demonstration (t, 4) visited.

    Exact, by the cheapest assignment of as many states of one to those of the other; 1 rad counts as 1 m.
    """
    if drive is None:
        return math.nan
    from scipy.optimize import linear_sum_assignment  # slow to import

    one, other = _sample_states(drive.states), _sample_states(demonstrated)
    apart = one[:, None] - other[None]
    apart[..., 2] = np.angle(np.exp(1j * apart[..., 2]))
    cost = np.linalg.norm(apart, axis=2)
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].mean())


def _sample_states(states: np.ndarray) -> np.ndarray:
    """``COMPARED_STATES`` of the states (t, 4), evenly spread."""
    return states[np.linspace(0, len(states) - 1, COMPARED_STATES).round().astype(int)].astype(np.float64)
