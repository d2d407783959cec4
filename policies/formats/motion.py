"""Velocities that drive a displacement or a way point within one action period."""

from __future__ import annotations

import numpy as np

SMALL_ANGLE = 1e-6  # rad; below it, an arc is a straight line to float32


def displacements_to_velocities(displacements: np.ndarray, period_s: float) -> np.ndarray:
    """Return the constant body velocities that reach displacements (..., 3) in ``period_s``: (..., 3) m/s and rad/s.

    A displacement is (dx, dy, dyaw) in the frame of the body before the motion. The velocity is the twist of which it
    is the exponential (the logarithm on SE(2); Murray, Li and Sastry 1994, "A Mathematical Introduction to Robotic
    Manipulation", section 2.2), so a turning robot ends where it should.
    """
    dx, dy, turn = (displacements[..., axis].astype(np.float64) for axis in range(3))
    half = turn / 2.0
    small = np.abs(half) < SMALL_ANGLE
    safe = np.where(small, 1.0, half)
    cotangent = np.where(small, 1.0, safe / np.tan(safe))  # half * cot(half) -> 1
    return np.stack([cotangent * dx + half * dy, -half * dx + cotangent * dy, turn], axis=-1) / period_s


def waypoints_to_displacements(waypoints: np.ndarray) -> np.ndarray:
    """Return the displacements between consecutive way points (n, c, 3), each in the frame of the one before.

    Args:
        waypoints: x, y in m and yaw in rad in the frame of the body at the inference. The robot starts at 0, 0, 0.
    """
    start = np.zeros_like(waypoints[:, :1])
    before = np.concatenate([start, waypoints[:, :-1]], axis=1)  # (n, c, 3)
    step = waypoints - before
    cos, sin = np.cos(before[..., 2]), np.sin(before[..., 2])
    turned_x = cos * step[..., 0] + sin * step[..., 1]
    turned_y = -sin * step[..., 0] + cos * step[..., 1]
    turn = np.arctan2(np.sin(step[..., 2]), np.cos(step[..., 2]))
    return np.stack([turned_x, turned_y, turn], axis=-1)


def positions_to_velocities(positions: np.ndarray, period_s: float) -> np.ndarray:
    """Return the velocities (n, c, 3) of a robot that can't move sideways, along an arc to each position in turn.

    From each position to the next the robot drives the arc that begins along its heading: backwards to positions
    behind it. A position beside it, straight to the left or right, is reached by a half circle.

    Args:
        positions: (n, c, 2) x, y in m in the frame of the body at the inference. The robot starts at 0, 0.
        period_s: Time from one position to the next.
    """
    velocities = np.zeros((*positions.shape[:2], 3))
    place, heading = np.zeros_like(positions[:, 0], np.float64), np.zeros(len(positions))  # (n, 2), (n,)
    for index in range(positions.shape[1]):
        step = positions[:, index] - place
        cos, sin = np.cos(heading), np.sin(heading)
        ahead, left = cos * step[:, 0] + sin * step[:, 1], -sin * step[:, 0] + cos * step[:, 1]
        length, turn = _arcs(ahead, left)
        velocities[:, index, 0], velocities[:, index, 2] = length, turn
        place, heading = positions[:, index], heading + turn
    return velocities / period_s


def _arcs(ahead: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the signed lengths and turns of the arcs to points (n,) in the body frame."""
    backwards = np.where(ahead < 0.0, -1.0, 1.0)
    bearing = np.arctan2(left, np.abs(ahead))  # of the chord, from the direction of travel
    chord = np.hypot(ahead, left)
    small = np.abs(bearing) < SMALL_ANGLE
    safe = np.where(small, 1.0, bearing)
    length = backwards * chord * np.where(small, 1.0, safe / np.sin(safe))
    return length, 2.0 * backwards * bearing
