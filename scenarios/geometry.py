"""Geometry of the floor plan: points, poses, rectangles and segments. Metres and radians.

The frame is right-handed: yaw counts from +x to +y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Point = tuple[float, float]
Segment = tuple[Point, Point]


@dataclass(frozen=True)
class Pose2D:
    """A pose on the floor: metres and radians."""

    x: float
    y: float
    yaw: float = 0.0

    @property
    def xy(self) -> Point:
        """The position, without the yaw."""
        return self.x, self.y

    def to_world(self, points: np.ndarray | Point) -> np.ndarray:
        """Transform points (..., 2) from this pose's frame (ahead, left) to the world's."""
        points = np.asarray(points)
        cos, sin = math.cos(self.yaw), math.sin(self.yaw)
        ahead, left = points[..., 0], points[..., 1]
        return np.stack([self.x + cos * ahead - sin * left, self.y + sin * ahead + cos * left], axis=-1)

    def to_local(self, points: np.ndarray | Point) -> np.ndarray:
        """Transform points (..., 2) from the world's frame to this pose's (ahead, left)."""
        return rotate(np.asarray(points) - self.xy, -self.yaw)


class Bounds(NamedTuple):
    """A rectangle on the floor, its edges along the axes; metres."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @classmethod
    def from_size(cls, length: float, width: float) -> Bounds:
        """Return the rectangle that begins at x = 0 and is centred on y = 0."""
        return cls(0.0, -width / 2, length, width / 2)

    @property
    def length(self) -> float:
        """Size along x, metres."""
        return self.x_max - self.x_min

    @property
    def width(self) -> float:
        """Size along y, metres."""
        return self.y_max - self.y_min

    @property
    def middle(self) -> Point:
        """The centre of the rectangle."""
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2


def rotate(vectors: np.ndarray, yaw: float | np.ndarray) -> np.ndarray:
    """Rotate vectors (..., 2) to the left by an angle, or by one angle each (...)."""
    x, y = vectors[..., 0], vectors[..., 1]
    cos, sin = (math.cos(yaw), math.sin(yaw)) if isinstance(yaw, float) else (np.cos(yaw), np.sin(yaw))
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def dot(vectors: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Compute the scalar products (...) of vectors (..., k) with one (k,), with equal bits on every processor.

    ``@`` calls a BLAS, which rounds as the kernels for its processor do; worlds and labels must not depend on that.
    """
    products: np.ndarray = (vectors * direction).sum(axis=-1)
    return products


def turn_direction(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Compute the side (...) of the line from a to b on which c is (all (..., 2)): positive on its left, 0 on it."""
    along, away = b - a, c - a
    direction: np.ndarray = along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]
    return direction


def segments_cross(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, *, touching: bool = False) -> np.ndarray:
    """Return whether (...) the segments from a to b and from c to d (all (..., 2)) cross.

    Args:
        touching: If true, sharing a point is enough; collinear segments then always cross, even if they are apart.
            Otherwise a point on a line counts as being on its right, so that a path that pauses on the other segment
            crosses it exactly once.
    """
    ends_of_other = turn_direction(a, b, c), turn_direction(a, b, d)
    ends_of_one = turn_direction(c, d, a), turn_direction(c, d, b)
    if touching:
        return (ends_of_other[0] * ends_of_other[1] <= 0.0) & (ends_of_one[0] * ends_of_one[1] <= 0.0)
    return ((ends_of_other[0] > 0.0) != (ends_of_other[1] > 0.0)) & ((ends_of_one[0] > 0.0) != (ends_of_one[1] > 0.0))
