"""The vocabulary of a world: frozen, concrete numbers only. Metres, radians, kilograms, seconds.

The frame is right-handed: +x ahead of the usual start, +y left, +z up; yaw counts from +x to +y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["floor", "wall", "ceiling", "obstacle", "target", "decor"]


@dataclass(frozen=True)
class Box:
    """A cuboid by its full edge lengths."""

    size_m: tuple[float, float, float]

    @property
    def height_m(self) -> float:
        return self.size_m[2]


@dataclass(frozen=True)
class Cylinder:
    """An upright cylinder."""

    radius_m: float
    height_m: float


@dataclass(frozen=True)
class Sphere:
    radius_m: float

    @property
    def height_m(self) -> float:
        return 2.0 * self.radius_m


@dataclass(frozen=True)
class Cone:
    """An upright cone, its tip at the top."""

    radius_m: float
    height_m: float


Shape = Box | Cylinder | Sphere | Cone


@dataclass(frozen=True)
class Pose2:
    """A pose on the floor: metres and radians."""

    x: float
    y: float
    yaw: float = 0.0


@dataclass(frozen=True)
class Item:
    """One thing in a world.

    Attributes:
        name: Unique in its world, e.g. ``"box-2"``.
        label: What a person would call it, e.g. ``"blue box"``; captions and instructions use it.
        shape: Its geometry; its centre stands at ``(x, y, z_m)``.
        pose: Where its centre stands on the floor plan, and its yaw.
        z_m: Height of the centre of the shape above the floor.
        rgba: Colour in [0, 1]; multiplies the texture where there is one.
        texture: Name of a look in ``scenarios.looks``, or None for plain colour.
        role: What it is to the task. Walls, obstacles and targets block the robot; decor and floor do not.
        mass_kg: 0 for a thing that never moves.
    """

    name: str
    label: str
    shape: Shape
    pose: Pose2
    z_m: float
    rgba: tuple[float, float, float, float]
    role: Role
    texture: str | None = None
    mass_kg: float = 0.0


@dataclass(frozen=True)
class Target:
    """A place to reach: within ``radius_m`` (robot centre to ``pose``) counts as reached."""

    name: str  # the name of its Item
    description: str  # as the instruction says it, e.g. "red ball"; equals the Item's label
    pose: Pose2
    radius_m: float


@dataclass(frozen=True)
class Light:
    """The one light of a scene, in TinyRenderer's model: surface * (ambient + diffuse * colour * max(0, n . l))."""

    direction: tuple[float, float, float] = (0.4, -0.3, 1.0)  # towards the light
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.6
    diffuse: float = 0.35


@dataclass(frozen=True)
class Task:
    """What counts: reach ``goal``, touch nothing, reach none of ``others``, in time."""

    goal: Target
    others: tuple[Target, ...] = ()
    time_limit_s: float = 30.0
    stuck_after_s: float = 8.0  # this long within ``stuck_radius_m`` ends the episode as 'stuck'
    stuck_radius_m: float = 0.15


@dataclass(frozen=True)
class World:
    """Everything that an episode holds: what stands where, where the robot starts, what it is asked to do.

    Attributes:
        bounds_m: (x_min, y_min, x_max, y_max) of the ground that planning considers.
        clearance_m: The free space on each side of the robot's hull that some path to the goal keeps everywhere.
    """

    scenario: str
    items: tuple[Item, ...]
    start: Pose2
    task: Task
    instruction: str
    bounds_m: tuple[float, float, float, float]
    clearance_m: float
    light: Light = field(default_factory=Light)
    background: tuple[float, float, float] = (0.75, 0.82, 0.90)

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)


def footprint(item: Item) -> float:
    """Radius of the smallest circle about the item's centre that holds its floor plan."""
    if isinstance(item.shape, Box):
        return math.hypot(item.shape.size_m[0], item.shape.size_m[1]) / 2.0
    return item.shape.radius_m
