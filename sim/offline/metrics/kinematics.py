"""Where actions lead: poses by integration of body velocities, without physics."""

from __future__ import annotations

import numpy as np

from scenarios.geometry import rotate
from scenarios.robot import ACTION_SCALE


def roll_actions(actions: np.ndarray, start: np.ndarray, period_s: float) -> np.ndarray:
    """Integrate actions from a pose; during each one the base turns evenly.

    Args:
        actions: (..., h, 3) vx, vy, wz in [-1, 1].
        start: (..., 3) x m, y m, yaw rad.
        period_s: Duration of an action.

    Returns:
        (..., h + 1, 3) poses, the start first; yaw isn't wrapped.
    """
    moved = actions * (ACTION_SCALE * period_s)  # m, m, rad
    first = np.broadcast_to(np.asarray(start, np.float64)[..., None, :], (*moved.shape[:-2], 1, 3))
    yaw = np.concatenate([first[..., 2], first[..., 2] + np.cumsum(moved[..., 2], axis=-1)], axis=-1)
    steps = rotate(moved[..., :2], yaw[..., :-1] + moved[..., 2] / 2)  # along the chord
    xy = np.concatenate([first[..., :2], first[..., :2] + np.cumsum(steps, axis=-2)], axis=-2)
    return np.concatenate([xy, yaw[..., None]], axis=-1)
