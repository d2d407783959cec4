"""Items: what stands, lies or hangs in a world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scenarios.geometry import Pose2D
from scenarios.world.shapes import RGBA, Box, Shape, hull_shape

Role = Literal["floor", "wall", "ceiling", "obstacle", "target", "decor"]


@dataclass(frozen=True)
class Item:
    """An object in a world.

    Attributes:
        name: Unique in its world, e.g. ``"box-2"``.
        label: Name for people, e.g. ``"blue box"``; used in captions and instructions.
        shape: Geometry, centred at ``(x, y, z_m)``.
        pose: Position of the centre on the floor plan, and yaw.
        z_m: Height of the centre of the shape above the floor.
        rgba: Colour in [0, 1]; multiplies the texture, if there is one.
        texture: Name of a texture in ``scenarios.building.textures``, or None for plain colour.
        role: Role in the task. Walls, obstacles and targets block the robot; decor and floor do not.
        mass_kg: 0 for an item that never moves.
    """

    name: str
    label: str
    shape: Shape
    pose: Pose2D
    z_m: float
    rgba: RGBA
    role: Role
    texture: str | None = None
    mass_kg: float = 0.0


def footprint_radius(item: Item) -> float:
    """Return the radius of the smallest circle about the item's centre that contains its floor plan."""
    shape = hull_shape(item.shape)
    return math.hypot(shape.size_m[0], shape.size_m[1]) / 2.0 if isinstance(shape, Box) else shape.radius_m
