"""Place and velocity of what moves, estimated from places that were seen.

Distances are seen far less exactly than directions, and the less the farther away: a Kalman filter weighs both. So
far away a velocity is believed slowly, and a turn of something near is noticed soon.
"""

from __future__ import annotations

import math

import numpy as np

RANGE_SPREAD_M, RANGE_SPREAD_PER_M2 = 0.05, 0.025  # of a distance: and by its square; as measured on unseen views
ASIDE_SPREAD_M, ASIDE_SPREAD_SHARE = 0.03, 0.015  # across the line of sight: and by the distance
USUAL_SPEED_MPS = 0.35  # standard deviation of a velocity before anything is known
VELOCITY_NOISE = 0.064  # (m/s)² by which a velocity's variance grows in a second
STANDS_BELOW_MPS, FASTEST_MPS = 0.12, 0.8


class Motion:
    """The place and velocity of one item that may move: it drives straight on, with random accelerations.

    Args:
        xy: (2,) where it was seen first, m.
        covariance: (2, 2) of that place.
    """

    def __init__(self, xy: np.ndarray, covariance: np.ndarray) -> None:
        self._state = np.concatenate([xy, np.zeros(2)])
        self._covariance = np.zeros((4, 4))
        self._covariance[:2, :2] = covariance
        self._covariance[2:, 2:] = USUAL_SPEED_MPS**2 * np.eye(2)

    @property
    def xy(self) -> np.ndarray:
        """(2,) where it was at the last update, m."""
        place: np.ndarray = self._state[:2].copy()
        return place

    @property
    def velocity(self) -> np.ndarray:
        """(2,) m/s; zeros if it hardly moves."""
        speed = float(np.hypot(*self._state[2:]))
        if speed < STANDS_BELOW_MPS:
            return np.zeros(2)
        velocity: np.ndarray = self._state[2:] * min(1.0, FASTEST_MPS / speed)
        return velocity

    def update(self, xy: np.ndarray, covariance: np.ndarray, after_s: float) -> None:
        """Add a place (2,) with its covariance (2, 2), so long after the last one."""
        step = np.eye(4)
        step[0, 2] = step[1, 3] = after_s
        growth = VELOCITY_NOISE * np.array([[after_s**3 / 3, after_s**2 / 2], [after_s**2 / 2, after_s]])
        state = step @ self._state
        expected = step @ self._covariance @ step.T + np.kron(growth, np.eye(2))
        gain = np.linalg.solve(expected[:2, :2] + covariance, expected[:2]).T
        self._state = state + gain @ (xy - state[:2])
        self._covariance = expected - gain @ expected[:2]


def measure_covariance(range_m: float, angle_rad: float) -> np.ndarray:
    """Return the covariance (2, 2) of a place that was seen at a distance and in a direction."""
    ahead = np.array([math.cos(angle_rad), math.sin(angle_rad)])
    aside = np.array([-ahead[1], ahead[0]])
    along = RANGE_SPREAD_M + RANGE_SPREAD_PER_M2 * range_m**2
    across = ASIDE_SPREAD_M + ASIDE_SPREAD_SHARE * range_m
    covariance: np.ndarray = along**2 * np.outer(ahead, ahead) + across**2 * np.outer(aside, aside)
    return covariance
