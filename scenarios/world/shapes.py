"""Shapes of items, each with its centre as origin."""

from __future__ import annotations

from dataclasses import dataclass

RGBA = tuple[float, float, float, float]


@dataclass(frozen=True)
class Box:
    """A cuboid, given by its full edge lengths."""

    size_m: tuple[float, float, float]

    @property
    def height_m(self) -> float:
        """Size along z."""
        return self.size_m[2]


@dataclass(frozen=True)
class Cylinder:
    """An upright cylinder."""

    radius_m: float
    height_m: float


@dataclass(frozen=True)
class Sphere:
    """A ball."""

    radius_m: float

    @property
    def height_m(self) -> float:
        """The diameter."""
        return 2.0 * self.radius_m


@dataclass(frozen=True)
class Cone:
    """An upright cone, its tip at the top."""

    radius_m: float
    height_m: float


Primitive = Box | Cylinder | Sphere | Cone


@dataclass(frozen=True)
class CompoundPart:
    """One primitive of a compound.

    Attributes:
        offset_m: From the compound's centre to the part's.
        rgba: Colour; None for the item's colour.
    """

    shape: Primitive
    offset_m: tuple[float, float, float]
    rgba: RGBA | None = None


@dataclass(frozen=True)
class Compound:
    """Several primitives that form one rigid shape.

    Attributes:
        parts: The visible primitives; up to 16.
        hull: The primitive used for contacts, planning and maps; it has the same centre.
    """

    parts: tuple[CompoundPart, ...]
    hull: Box | Cylinder

    @property
    def height_m(self) -> float:
        """Height of the hull."""
        return self.hull.height_m


Shape = Primitive | Compound


def hull_shape(shape: Shape) -> Primitive:
    """Return the primitive that stands for a shape in contacts, planning and maps."""
    return shape.hull if isinstance(shape, Compound) else shape
