"""Camera pose and projection: pure geometry, without a simulator."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from scenarios.common.errors import InputError

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # x, y, z, w


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(a: Vector, problem: str) -> Vector:
    length = math.sqrt(_dot(a, a))
    if not length > 1e-9:
        raise InputError(f"a view's {problem}")
    return (a[0] / length, a[1] / length, a[2] / length)


@dataclass(frozen=True)
class View:
    """A pinhole camera in the world frame.

    Raises:
        InputError: ``eye`` equals ``target``, ``up`` is parallel to the optical axis, or a number is out of range.
    """

    eye: Vector
    """Position of the pinhole, metres."""
    target: Vector
    """A point on the optical axis in front of the eye, metres."""
    up: Vector = (0.0, 0.0, 1.0)
    """A direction that points upwards in the picture; not parallel to the optical axis."""
    fov_deg: float = 60.0
    """Vertical field of view, in (0, 180)."""
    near_m: float = 0.05
    """Near clipping plane, along the optical axis. A map view can use it to cut away a ceiling."""
    far_m: float = 30.0
    """Far clipping plane, along the optical axis."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Where the middle of the picture lies, right of and above the optical axis, in halves of its width and height."""
    _axes: tuple[Vector, Vector, Vector] = field(init=False, repr=False, compare=False)  # computed once

    def __post_init__(self) -> None:
        if not 0.0 < self.fov_deg < 180.0:
            raise InputError(f"a view's fov_deg must be between 0 and 180, not {self.fov_deg}")
        if not 0.0 < self.near_m < self.far_m:
            raise InputError(f"a view needs 0 < near_m < far_m, not {self.near_m} and {self.far_m}")
        object.__setattr__(self, "_axes", self._find_axes())

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Return the unit vectors (right, up, forward) of the camera in the world frame."""
        return self._axes

    def _find_axes(self) -> tuple[Vector, Vector, Vector]:
        eye, target = self.eye, self.target
        forward = _unit((target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]), "eye and target must differ")
        right = _unit(_cross(forward, self.up), "up must not be parallel to its optical axis")
        return right, _cross(right, forward), forward

    def crop(self, size: tuple[int, int], left: int, top: int, width: int, height: int) -> View:
        """Return the view that shows only a rectangle, in pixels, of this view's picture of this size."""
        full_width, full_height = size
        tangent = math.tan(math.radians(self.fov_deg) / 2.0) * height / full_height
        right = (2 * left + width - full_width + self.shift[0] * full_width) / width
        up = (full_height - 2 * top - height + self.shift[1] * full_height) / height
        return replace(self, fov_deg=2.0 * math.degrees(math.atan(tangent)), shift=(right, up))

    def view_matrix(self) -> np.ndarray:
        """Return the matrix from world to eye coordinates, (4, 4) float64, for column vectors.

        Its transpose, flattened, is what PyBullet's ``computeViewMatrix`` returns.
        """
        right, up, forward = self.axes()
        return np.array(
            [
                [*right, -_dot(right, self.eye)],
                [*up, -_dot(up, self.eye)],
                [-forward[0], -forward[1], -forward[2], _dot(forward, self.eye)],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )

    def projection_matrix(self, aspect: float) -> np.ndarray:
        """Return the matrix from eye to clip coordinates, (4, 4) float64; ``aspect`` is width / height.

        Its transpose, flattened, is what PyBullet's ``computeProjectionMatrixFOV`` returns.
        """
        y_scale = 1.0 / math.tan(math.radians(self.fov_deg) / 2.0)
        near, far = self.near_m, self.far_m
        return np.array(
            [
                [y_scale / aspect, 0.0, self.shift[0], 0.0],
                [0.0, y_scale, self.shift[1], 0.0],
                [0.0, 0.0, (near + far) / (near - far), 2.0 * near * far / (near - far)],
                [0.0, 0.0, -1.0, 0.0],
            ]
        )
