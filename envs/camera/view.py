"""Where a camera stands and how it looks: pure geometry, no simulator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.common.errors import InputError

Vector = tuple[float, float, float]


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(a: Vector, what: str) -> Vector:
    length = math.sqrt(_dot(a, a))
    if not length > 1e-9:
        raise InputError(f"a view's {what}")
    return (a[0] / length, a[1] / length, a[2] / length)


@dataclass(frozen=True)
class View:
    """A pinhole camera in the world's frame (metres, degrees).

    Attributes:
        eye: Where the pinhole is.
        target: A point on the optical axis, in front of the eye.
        up: Any direction that appears upright in the picture; not parallel to the optical axis.
        fov_deg: Vertical field of view, in (0, 180).
        near_m: Nothing closer along the optical axis is drawn. A map view may use it to cut away a ceiling.
        far_m: Nothing farther along the optical axis is drawn.

    Raises:
        InputError: The eye equals the target, ``up`` is parallel to the axis, or a range is empty.
    """

    eye: Vector
    target: Vector
    up: Vector = (0.0, 0.0, 1.0)
    fov_deg: float = 60.0
    near_m: float = 0.05
    far_m: float = 30.0

    def __post_init__(self) -> None:
        if not 0.0 < self.fov_deg < 180.0:
            raise InputError(f"a view's fov_deg must lie between 0 and 180, not {self.fov_deg}")
        if not 0.0 < self.near_m < self.far_m:
            raise InputError(f"a view needs 0 < near_m < far_m, not {self.near_m} and {self.far_m}")
        self.axes()

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Unit vectors (right, up, forward) of the camera."""
        eye, target = self.eye, self.target
        forward = _unit((target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]), "eye and target must differ")
        right = _unit(_cross(forward, self.up), "up must not be parallel to its line of sight")
        return right, _cross(right, forward), forward

    def view_matrix(self) -> np.ndarray:
        """World to eye coordinates, (4, 4) float64, for column vectors.

        Its transpose, flattened, is what PyBullet's ``computeViewMatrix`` gives.
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
        """Eye to clip coordinates, (4, 4) float64; ``aspect`` is width / height.

        Its transpose, flattened, is what PyBullet's ``computeProjectionMatrixFOV`` gives.
        """
        y_scale = 1.0 / math.tan(math.radians(self.fov_deg) / 2.0)
        near, far = self.near_m, self.far_m
        return np.array(
            [
                [y_scale / aspect, 0.0, 0.0, 0.0],
                [0.0, y_scale, 0.0, 0.0],
                [0.0, 0.0, (near + far) / (near - far), 2.0 * near * far / (near - far)],
                [0.0, 0.0, -1.0, 0.0],
            ]
        )
