"""Conversion of recorded numbers to actions and states."""

from __future__ import annotations

import numpy as np

from policies.dataset.mapping.mapping import STATE_AXES, VectorMapping
from scenarios.robot import ACTION_SCALE, AXIS_NAMES


def convert_actions(values: np.ndarray, mapping: VectorMapping) -> np.ndarray:
    """Convert recorded actions (t, n) to (vx, vy, wz) in [-1, 1], (t, 3) float32; axes that the set lacks are zero."""
    actions = np.zeros((len(values), len(AXIS_NAMES)), np.float32)
    for place, axis in enumerate(AXIS_NAMES):
        if axis in mapping.columns:
            actions[:, place] = values[:, mapping.columns[axis].place] / mapping.action_divisor(axis)
    return actions


def convert_states(values: np.ndarray, mapping: VectorMapping) -> np.ndarray:
    """Convert recorded states (t, n) to ``agent_pos`` (t, 6) float32; what the set lacks is zero."""
    states = np.zeros((len(values), len(STATE_AXES)), np.float32)
    for place, axis in enumerate(STATE_AXES):
        if axis in mapping.columns:
            states[:, place] = values[:, mapping.columns[axis].place] * mapping.state_factor(axis)
    return states


def integrate_odometry(actions: np.ndarray, period_s: float) -> np.ndarray:
    """Integrate commands to ``agent_pos`` (t, 6) float32, assuming that the robot follows them exactly.

    Published recordings contain no odometry.

    Args:
        actions: (t, 3) commands in [-1, 1].
        period_s: Duration of each command.
    """
    rates = ACTION_SCALE * np.asarray(actions, np.float64)
    before = np.concatenate([np.zeros((1, 3)), rates[:-1]])  # (t, 3) what the robot did until each record
    yaw = np.cumsum(before[:, 2]) * period_s
    heading = yaw - before[:, 2] * period_s  # at the start of that motion
    cos, sin = np.cos(heading), np.sin(heading)
    x = np.cumsum(cos * before[:, 0] - sin * before[:, 1]) * period_s
    y = np.cumsum(sin * before[:, 0] + cos * before[:, 1]) * period_s
    return np.column_stack([before, x, y, np.remainder(yaw + np.pi, 2 * np.pi) - np.pi]).astype(np.float32)
