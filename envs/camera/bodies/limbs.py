"""Capsules and cylinders that MJCF gives by their two ends, of which PyBullet returns only the length and the radius.

Their ends are found from the box around the link's collision shape, which in MJCF is the same as the visual one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pybullet

from envs.camera.bodies.link_box import LinkBox, enclose_shapes
from envs.camera.bodies.visual_shape import VisualShape
from envs.camera.view import Vector

_TOLERANCE = 0.01  # of a limb's length and radius
_MARGIN_M = 0.04  # that Bullet adds around capsules which are given by their ends, and around no others
_CYLINDER_EXCESS = 0.45  # of the radius, by which half a box around a slanting cylinder may be too large
_NARROWEST_M = 1e-9  # of a limb


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

    @property
    def margin_m(self) -> float:
        """What Bullet adds around it if it is given by its ends."""
        return _MARGIN_M * self.capsule

    def half_box(self, axis: np.ndarray) -> np.ndarray:
        """Return half the edges of the box around the limb along a unit axis, (3,)."""
        round_part = 1.0 if self.capsule else np.sqrt(np.maximum(0.0, 1.0 - axis**2))
        return np.abs(axis) * self.length_m / 2.0 + self.radius_m * round_part


class Ends(NamedTuple):
    """Where a limb begins and ends, in the frame of its link."""

    first: Vector
    second: Vector


class UnknownEndsError(Exception):
    """The ends of a limb can't be told."""


def to_limb(shape: VisualShape) -> Limb:
    """Return the limb that a visual shape is."""
    return Limb(shape.dimensions[0], shape.dimensions[1], shape.kind == pybullet.GEOM_CAPSULE)


def find_ends(shape: VisualShape, others: Sequence[VisualShape], box: LinkBox) -> Ends | None:
    """Return the ends of a limb; None if it stands upright at the origin of its link, as PyBullet says.

    Args:
        shape: The limb.
        others: All other shapes of its link.
        box: Around the link's collision shape.

    Raises:
        UnknownEndsError: MJCF gave its ends, and the box doesn't tell where they are.
    """
    limb = to_limb(shape)
    known = enclose_shapes([shape, *others], box.turn)
    if known is not None and np.abs(_compare_faces(known, box)).max() < limb.tolerance_m:
        return None
    own = _separate_limb(limb, box, others) if others else box
    if own is None and not (limb.capsule and any(each.is_limb for each in others)):
        return None  # its link may be of another format, and look unlike it collides
    if own is not None and not _is_by_ends(limb, own):
        return None
    axis = None if own is None else _find_axis(limb, own._replace(half=own.half - limb.margin_m))
    if own is None or axis is None:
        raise UnknownEndsError
    ends = [own.turn @ (own.middle + side * axis * limb.length_m / 2.0) for side in (-1.0, 1.0)]
    first, second = ((float(x), float(y), float(z)) for x, y, z in ends)
    return Ends(first, second)


def _is_by_ends(limb: Limb, box: LinkBox) -> bool:
    """Return whether the box around a limb can be that of one which MJCF gives by its ends."""
    if limb.length_m < _NARROWEST_M:
        return False
    if not limb.capsule:
        return _find_axis(limb, box) is not None
    inner = box.half - limb.margin_m - limb.radius_m
    return bool(abs(2.0 * np.linalg.norm(inner) - limb.length_m) < 2.0 * limb.tolerance_m)


def _separate_limb(limb: Limb, box: LinkBox, others: Sequence[VisualShape]) -> LinkBox | None:
    """Return the box around the limb alone, of the box around it and other shapes; None if it can't be told.

    It can where the limb reaches out of the others' box on both sides of each axis, or on one side and lies along an
    axis of the link, which says how far it reaches on the other one.
    """
    known = None if any(each.is_limb for each in others) else enclose_shapes(others, box.turn)
    if known is None:
        return None
    outside = _compare_faces(known, box)
    if outside.min() < -limb.tolerance_m:
        return None
    is_limbs = outside > limb.tolerance_m
    if is_limbs.all():
        return box
    return next(_place_limb(limb, box, is_limbs), None) if is_limbs.any(axis=0).all() else None


def _place_limb(limb: Limb, box: LinkBox, is_limbs: np.ndarray) -> Iterator[LinkBox]:
    """Yield the boxes around a limb along each axis of its link that agree with some faces, (2, 3), of a larger box."""
    for axis in box.turn:
        half = limb.half_box(axis) + limb.margin_m
        placed = LinkBox(np.where(is_limbs[0], box.low + half, box.high - half), half, box.turn)
        inside = _compare_faces(placed, box)
        if (inside > -limb.tolerance_m).all() and (inside[is_limbs] < limb.tolerance_m).all():
            yield placed


def _compare_faces(inner: LinkBox, outer: LinkBox) -> np.ndarray:
    """Return how far each face of a box lies inside that of another one: (2, 3), lower and upper."""
    return np.stack([inner.low - outer.low, outer.high - inner.high])


def _find_axis(limb: Limb, box: LinkBox) -> np.ndarray | None:
    """Return the unit axis of a limb that begins near its link's origin and points away, or lies along the link's."""
    candidates = [*box.turn]
    distance = np.linalg.norm(box.middle)
    if abs(distance - limb.length_m / 2.0) < limb.radius_m:
        candidates.insert(0, box.middle / distance)
    return next((axis for axis in candidates if _fits(limb, axis, box.half)), None)


def _fits(limb: Limb, axis: np.ndarray, half: np.ndarray) -> bool:
    """Return whether a box can be a limb's along an axis; Bullet's boxes around slanting cylinders are too large."""
    excess = half - limb.half_box(axis)
    most = limb.tolerance_m + (0.0 if limb.capsule else _CYLINDER_EXCESS * limb.radius_m)
    return bool((excess > -limb.tolerance_m).all() and (excess < most).all())
