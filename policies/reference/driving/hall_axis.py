"""The direction of a building's walls, found from pieces of wall that are straight."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from policies.reference.driving.floor_map import cast_points, locate_eye
from policies.reference.network import RAY_KINDS
from policies.reference.sighting import Sighting

STEPS = 90  # of one degree: walls stand at right angles
APART = (6, 12, 20)  # rays between the ends of a piece
LENGTHS_M = (0.25, 3.0)
FARTHEST_M = 7.0
LARGEST_SPREAD, SPREAD_M = 0.15, 0.03  # of a range, and in addition
BEND, BEND_M = 0.03, 0.02  # of a piece: its middle's distance from the line, by its length, and in addition
WALL = RAY_KINDS.index("wall")
NEAR_PEAK = 4  # degrees around the most frequent direction that count
LEAST_ERROR_RAD = 0.02  # of a piece's direction, however exact its ends are
ENOUGH_VOTES = 2000.0  # before the direction is believed: one piece that is known within a degree has about that


class HallAxis:
    """The direction along the hall, within 45 degrees of the robot's first: started turned by more, it is across.

    Attributes:
        angle: rad, in the frame of the start.
    """

    def __init__(self) -> None:
        self.angle = 0.0
        self._votes = np.zeros(STEPS)

    def update(self, pose: np.ndarray, sighting: Sighting) -> None:
        """Add the straight pieces of wall in a sighting."""
        points = cast_points(pose, sighting.ranges)
        usable = (sighting.ray_kinds == WALL) & (sighting.ranges < FARTHEST_M)
        usable &= sighting.spreads < LARGEST_SPREAD * sighting.ranges + SPREAD_M
        for apart in APART:
            self._add_pieces(points, points - locate_eye(pose).xy, sighting.spreads, usable, apart)
        if self._votes.sum() > ENOUGH_VOTES:
            self.angle = self._find_peak()

    def _add_pieces(
        self, points: np.ndarray, away: np.ndarray, spreads: np.ndarray, usable: np.ndarray, apart: int
    ) -> None:
        """Add the pieces whose ends are that many rays apart; those count most whose direction is best known."""
        half = apart // 2
        piece, middle = points[apart:] - points[:-apart], points[half:-half]
        length = np.maximum(np.hypot(*piece.T), 1e-6)
        off = middle - (points[:-apart] + points[apart:]) / 2
        bend = np.abs(off[:, 0] * piece[:, 1] - off[:, 1] * piece[:, 0]) / length
        straight = usable[:-apart] & usable[half:-half] & usable[apart:] & (bend < BEND_M + BEND * length)
        straight &= (length > LENGTHS_M[0]) & (length < LENGTHS_M[1])
        sight = away[half:-half] / np.maximum(np.hypot(*away[half:-half].T), 1e-6)[:, None]
        across = np.abs(sight[:, 0] * piece[:, 1] - sight[:, 1] * piece[:, 0]) / length  # of a range's error
        error = math.sqrt(2.0) * spreads[half:-half] * across / length
        degrees = np.degrees(np.arctan2(piece[:, 1], piece[:, 0])) % STEPS
        np.add.at(self._votes, degrees[straight].astype(int) % STEPS, (error**2 + LEAST_ERROR_RAD**2)[straight] ** -1.0)

    def _find_peak(self) -> float:
        peak = int(ndimage.gaussian_filter1d(self._votes, 2.0, mode="wrap").argmax())
        around = np.arange(peak - NEAR_PEAK, peak + NEAR_PEAK + 1)
        votes = self._votes[around % STEPS]
        degrees = float(around @ votes) / max(float(votes.sum()), 1e-9) + 0.5
        return math.radians((degrees + 45.0) % STEPS - 45.0)

    def towards(self, direction: np.ndarray) -> float:
        """Return the angle, rad, of the direction of walls that is nearest to a direction (2,)."""
        quarter = math.pi / 2
        return self.angle + quarter * round((math.atan2(direction[1], direction[0]) - self.angle) / quarter)

    def to_hall(self, points: np.ndarray) -> np.ndarray:
        """Turn points (..., 2) of the start's frame so that x runs along the hall."""
        return turn_points(points, -self.angle)

    def from_hall(self, points: np.ndarray) -> np.ndarray:
        """Turn points (..., 2) back."""
        return turn_points(points, self.angle)


def turn_points(points: np.ndarray, angle: float) -> np.ndarray:
    """Turn points (..., 2) about the origin, counterclockwise."""
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = np.asarray(points)[..., 0], np.asarray(points)[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
