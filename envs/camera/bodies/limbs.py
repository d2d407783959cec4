"""Capsules and cylinders that MJCF gives by their two ends, of which PyBullet returns only the length and the radius.

Their ends are found from the box around the link's collision shape, which in MJCF is the same as the visual one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pybullet

from envs.camera.view import Vector

_TOLERANCE = 0.01  # of a limb's length and radius
_MARGIN_M = 0.04  # that Bullet adds around capsules which are given by their ends, and around no others
_CYLINDER_EXCESS = 0.45  # of the radius, by which half a box around a slanting cylinder may be too large
_NARROWEST_M = 1e-9  # of a box around something


class Limb(NamedTuple):
    """A capsule or a cylinder.

    Attributes:
        length_m: Between its ends, without a capsule's half spheres.
        radius_m: Its radius.
        capsule: Whether it is a capsule.
    """

    length_m: float
    radius_m: float
    capsule: bool

    @property
    def tolerance_m(self) -> float:
        """How far a box may be off."""
        return _TOLERANCE * (self.length_m + self.radius_m)

    def half_box(self, axis: np.ndarray) -> np.ndarray:
        """Return half the edges of the box around the limb along a unit axis, (3,)."""
        round_part = 1.0 if self.capsule else np.sqrt(np.maximum(0.0, 1.0 - axis**2))
        return np.abs(axis) * self.length_m / 2.0 + self.radius_m * round_part


class Ends(NamedTuple):
    """Where a limb begins and ends, in the frame of its link."""

    first: Vector
    second: Vector


def is_by_ends(limb: Limb, middle: np.ndarray, half: np.ndarray, turn: np.ndarray) -> bool:
    """Return whether a box belongs to the limb in another place than upright at the origin of its link.

    Args:
        limb: The limb.
        middle: (3,) of the box, from the link's origin, along the world's axes.
        half: (3,) half the edges of the box.
        turn: (3, 3) rotation from the link to the world.
    """
    if limb.length_m < _NARROWEST_M or (np.abs(middle).max() < limb.tolerance_m and _is_upright(limb, half, turn)):
        return False
    if not limb.capsule:
        return _find_axis(limb, middle, half) is not None
    inner = half - _MARGIN_M - limb.radius_m
    return bool(abs(2.0 * np.linalg.norm(inner) - limb.length_m) < 2.0 * limb.tolerance_m)


def find_ends(limb: Limb, middle: np.ndarray, half: np.ndarray, turn: np.ndarray) -> Ends | None:
    """Return the ends of a limb by the box around it; None if several limbs have such a box (see ``is_by_ends``)."""
    axis = _find_axis(limb, middle, half - _MARGIN_M * limb.capsule)
    if axis is None:
        return None
    ends = [(middle + side * axis * limb.length_m / 2.0) @ turn for side in (-1.0, 1.0)]
    first, second = ((float(x), float(y), float(z)) for x, y, z in ends)
    return Ends(first, second)


def read_box(client: int, body: int, link: int) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return the middle, half edges and rotation for ``find_ends``; None if the link has no collision shape."""
    low, high = np.array(pybullet.getAABB(body, link, client))
    if (high - low).max() < _NARROWEST_M:
        return None
    if link >= 0:
        place, turn = pybullet.getLinkState(body, link, 0, 1, client)[4:6]
    else:
        inertial = pybullet.invertTransform(*pybullet.getDynamicsInfo(body, -1, client)[3:5])
        place, turn = pybullet.multiplyTransforms(*pybullet.getBasePositionAndOrientation(body, client), *inertial)
    rotation = np.array(pybullet.getMatrixFromQuaternion(turn)).reshape(3, 3)
    return (low + high) / 2.0 - place, (high - low) / 2.0, rotation


def _is_upright(limb: Limb, half: np.ndarray, turn: np.ndarray) -> bool:
    """Return whether a box can be a limb's along its link's z; Bullet's lie between the smallest and a turned one."""
    largest = np.abs(turn) @ (limb.radius_m, limb.radius_m, limb.length_m / 2.0 + limb.radius_m * limb.capsule)
    smallest = limb.half_box(turn[:, 2])
    return bool((half > smallest - limb.tolerance_m).all() and (half < largest + limb.tolerance_m).all())


def _find_axis(limb: Limb, middle: np.ndarray, half: np.ndarray) -> np.ndarray | None:
    """Return the unit axis in the world of a limb that begins at its link's origin, or lies along a world axis."""
    length = np.linalg.norm(middle)
    candidates = [*np.eye(3)]
    if length > 0.0 and abs(2.0 * length - limb.length_m) < 2.0 * limb.tolerance_m:
        candidates.insert(0, middle / length)
    return next((axis for axis in candidates if _fits(limb, axis, half)), None)


def _fits(limb: Limb, axis: np.ndarray, half: np.ndarray) -> bool:
    """Return whether a box can be a limb's along an axis; Bullet's boxes around slanting cylinders are too large."""
    excess = half - limb.half_box(axis)
    most = limb.tolerance_m + (0.0 if limb.capsule else _CYLINDER_EXCESS * limb.radius_m)
    return bool((excess > -limb.tolerance_m).all() and (excess < most).all())
