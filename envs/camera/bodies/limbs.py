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
_NARROWEST_M = 1e-9  # of a limb
_PARALLEL = 0.99  # cosine of the angle between axes that are taken for one


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
        """Return half the edges of the box that Bullet puts around the limb along a unit axis, (3,)."""
        if self.capsule:
            return np.abs(axis) * self.length_m / 2.0 + self.radius_m + _MARGIN_M
        return np.abs(_turn_to(axis)) @ (self.radius_m, self.radius_m, self.length_m / 2.0)


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
    if known is not None and np.abs(_compare_faces(_spread(known, box), box)).max() < limb.tolerance_m:
        return None
    own = _separate_limb(limb, box, others) if others else box
    if own is None:
        if limb.capsule and (box.spread is not None or any(each.is_limb for each in others)):
            raise UnknownEndsError
        return None  # its link may be of another format, and look unlike it collides
    axes = _find_axes(limb, own)
    if not axes and not _has_length(limb, own):
        return None
    if not axes or (own.spread is not None and min(abs(axes[0] @ axis) for axis in axes) < _PARALLEL):
        raise UnknownEndsError
    ends = [own.turn @ own.middle + side * axes[0] * limb.length_m / 2.0 for side in (-1.0, 1.0)]
    first, second = ((float(x), float(y), float(z)) for x, y, z in ends)
    return Ends(first, second)


def _has_length(limb: Limb, box: LinkBox) -> bool:
    """Return whether a box can be that around a capsule of this length in any direction."""
    if not limb.capsule or box.spread is not None or limb.length_m < _NARROWEST_M:
        return False
    inner = box.half - _MARGIN_M - limb.radius_m
    return bool(abs(2.0 * np.linalg.norm(inner) - limb.length_m) < 2.0 * limb.tolerance_m)


def _separate_limb(limb: Limb, box: LinkBox, others: Sequence[VisualShape]) -> LinkBox | None:
    """Return the box around the limb alone, of the box around it and other shapes; None if it can't be told.

    It can where the limb reaches out of the others' box on both sides of each axis, or on one side and lies along an
    axis of the link, which says how far it reaches on the other one.
    """
    known = None if any(each.is_limb for each in others) else enclose_shapes(others, box.turn)
    if known is None or box.spread is not None:
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
    for axis in np.eye(3):
        half = _expect_half(limb, axis, box)
        placed = LinkBox(np.where(is_limbs[0], box.low + half, box.high - half), half, box.turn)
        inside = _compare_faces(placed, box)
        if (inside > -limb.tolerance_m).all() and (inside[is_limbs] < limb.tolerance_m).all():
            yield placed


def _compare_faces(inner: LinkBox, outer: LinkBox) -> np.ndarray:
    """Return how far each face of a box lies inside that of another one: (2, 3), lower and upper."""
    return np.stack([inner.low - outer.low, outer.high - inner.high])


def _spread(inner: LinkBox, outer: LinkBox) -> LinkBox:
    """Return a box whose half edges can be compared with those of another one."""
    return inner if outer.spread is None else inner._replace(half=outer.spread @ inner.half)


def _expect_half(limb: Limb, axis: np.ndarray, box: LinkBox) -> np.ndarray:
    """Return what ``half`` of a link's box is if it is that of a limb along a unit axis of the link, (3,)."""
    half = np.abs(box.turn.T) @ limb.half_box(axis)
    return half if box.spread is None else box.spread @ half


def _find_axes(limb: Limb, box: LinkBox) -> list[np.ndarray]:
    """Return the unit axes of a link that a limb with this box can have: away from its origin, or along the link's."""
    if limb.length_m < _NARROWEST_M:
        return []
    candidates, middle = [*np.eye(3)], box.turn @ box.middle
    distance = np.linalg.norm(middle)
    if abs(distance - limb.length_m / 2.0) < limb.radius_m:
        candidates = [middle / distance, -middle / distance, *candidates]
    fits = (np.abs(_expect_half(limb, axis, box) - box.half).max() < limb.tolerance_m for axis in candidates)
    return [axis for axis, does_fit in zip(candidates, fits, strict=True) if does_fit]


def _turn_to(axis: np.ndarray) -> np.ndarray:
    """Return the rotation by the shortest arc from z to a unit axis, (3, 3), by which MJCF's cylinders are placed."""
    x, y, z = axis
    if z < _NARROWEST_M - 1.0:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0.0, 0.0, x], [0.0, 0.0, y], [-x, -y, 0.0]])
    turn: np.ndarray = np.eye(3) + cross + cross @ cross / (1.0 + z)
    return turn
