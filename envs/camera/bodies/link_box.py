"""The box around a link's collision shape, of which MJCF makes its visual shapes, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pybullet

from envs.camera.bodies.visual_shape import VisualShape

_NARROWEST_M = 1e-9  # of a box around something
_LEAST_SPREAD = 1e-3  # determinant below which a turned box doesn't tell the box in it


class LinkBox(NamedTuple):
    """A box along the axes of a link's inertial frame.

    Attributes:
        middle: (3,) from the link's origin.
        half: (3,) half its edges; if they can't be told, half those of the box around it along the world's axes.
        turn: (3, 3) rotation from its axes to those of the link.
        spread: (3, 3) from half its edges to ``half``, where they can't be told; else None.
    """

    middle: np.ndarray
    half: np.ndarray
    turn: np.ndarray
    spread: np.ndarray | None = None

    @property
    def low(self) -> np.ndarray:
        """Its lowest corner, (3,)."""
        return self.middle - self.half

    @property
    def high(self) -> np.ndarray:
        """Its highest corner, (3,)."""
        return self.middle + self.half


def read_box(client: int, body: int, link: int) -> LinkBox | None:
    """Return the box around a link's collision shape; None if it has none."""
    low, high = np.array(pybullet.getAABB(body, link, client))
    if (high - low).max() < _NARROWEST_M:
        return None
    if link >= 0:
        _, turn, _, inertial, place, _ = pybullet.getLinkState(body, link, 0, 1, client)
    else:
        offset, inertial = pybullet.getDynamicsInfo(body, -1, client)[3:5]
        centre, turn = pybullet.getBasePositionAndOrientation(body, client)
        place, _ = pybullet.multiplyTransforms(centre, turn, *pybullet.invertTransform(offset, inertial))
    rotation = to_matrix(turn)
    spread = np.abs(rotation)  # Bullet puts a box along the world's axes around the turned one
    middle, half = rotation.T @ ((low + high) / 2.0 - place), (high - low) / 2.0
    if abs(np.linalg.det(spread)) < _LEAST_SPREAD:
        return LinkBox(middle, half, to_matrix(inertial), spread)
    return LinkBox(middle, np.linalg.solve(spread, half), to_matrix(inertial))


def enclose_shapes(shapes: Sequence[VisualShape], turn: np.ndarray) -> LinkBox | None:
    """Return the box that Bullet puts around shapes, along the axes of ``turn``; None for planes and meshes."""
    halves = [_half_extents(shape) for shape in shapes]
    if not shapes or any(half is None for half in halves):
        return None
    spreads = [np.abs(turn.T @ to_matrix(shape.orientation)) for shape in shapes]
    middles = np.array([turn.T @ shape.position for shape in shapes])
    reaches = np.array(
        [
            np.full(3, half[0]) if shape.kind == pybullet.GEOM_SPHERE else spread @ half
            for shape, spread, half in zip(shapes, spreads, halves, strict=True)
            if half is not None
        ]
    )
    low, high = (middles - reaches).min(axis=0), (middles + reaches).max(axis=0)
    return LinkBox((low + high) / 2.0, (high - low) / 2.0, turn)


def to_matrix(quaternion: Sequence[float]) -> np.ndarray:
    """Return the rotation of a quaternion, (3, 3)."""
    return np.array(pybullet.getMatrixFromQuaternion(quaternion)).reshape(3, 3)


def _half_extents(shape: VisualShape) -> np.ndarray | None:
    """Return half the edges of the box around a shape along its own axes, (3,); None if it isn't known."""
    first, second = shape.dimensions[:2]
    if shape.kind == pybullet.GEOM_BOX:
        return np.array(shape.dimensions) / 2.0
    if shape.kind == pybullet.GEOM_SPHERE:
        return np.full(3, first)
    if shape.kind == pybullet.GEOM_CYLINDER:
        return np.array([second, second, first / 2.0])
    if shape.kind == pybullet.GEOM_CAPSULE:
        return np.array([second, second, first / 2.0 + second])
    return None
