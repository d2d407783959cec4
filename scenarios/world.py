"""The vocabulary of a world: frozen, concrete numbers only. Metres, radians, kilograms, seconds.

The frame is right-handed: +x ahead of the usual start, +y left, +z up; yaw counts from +x to +y.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

from scenarios.geometry import Bounds, Point, Pose2D, Segment

Role = Literal["floor", "wall", "ceiling", "obstacle", "target", "decor"]
RGBA = tuple[float, float, float, float]


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


Primitive = Box | Cylinder | Sphere | Cone


@dataclass(frozen=True)
class CompoundPart:
    """One primitive of a compound.

    Attributes:
        offset_m: From the compound's centre to the part's.
        rgba: Its own colour; None: the item's.
    """

    shape: Primitive
    offset_m: tuple[float, float, float]
    rgba: RGBA | None = None


@dataclass(frozen=True)
class Compound:
    """Several primitives that stand and move as one.

    Attributes:
        parts: What is seen; up to 16.
        hull: What contacts, planning and maps take it for; about the same centre.
    """

    parts: tuple[CompoundPart, ...]
    hull: Box | Cylinder

    @property
    def height_m(self) -> float:
        return self.hull.height_m


Shape = Primitive | Compound


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
        texture: Name of a look in ``scenarios.building.textures``, or None for plain colour.
        role: What it is to the task. Walls, obstacles and targets block the robot; decor and floor do not.
        mass_kg: 0 for a thing that never moves.
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


@dataclass(frozen=True)
class Target:
    """A place to reach: within ``radius_m`` (robot centre to ``pose``) counts as reached."""

    name: str  # the name of its Item
    description: str  # as the instruction says it, unique in its world, e.g. "red ball"; begins with the Item's label
    pose: Pose2D
    radius_m: float


@dataclass(frozen=True)
class Route:
    """A polyline that an item moves along at constant speed: round and round, or to its end and back.

    Attributes:
        points: Two or more corners on the floor, metres.
        closed: From the last corner on to the first; if not, back the way it came.
        start_m: How far along it is when the episode begins.
    """

    points: tuple[Point, ...]
    speed_mps: float
    closed: bool = False
    start_m: float = 0.0

    @property
    def lap_m(self) -> float:
        """Length of a whole lap, back to the same place and heading, m."""
        once = sum(math.dist(a, b) for a, b in pairwise(self._corners))
        return once if self.closed else 2.0 * once

    @property
    def _corners(self) -> tuple[Point, ...]:
        return (*self.points, self.points[0]) if self.closed else self.points

    def pose_at(self, distance_m: float) -> Pose2D:
        """Return the pose after so many metres along the route; it begins at ``start_m``."""
        corners = self._corners if self.closed else (*self.points, *self.points[-2::-1])
        left = distance_m % self.lap_m
        legs = [(a, b, math.dist(a, b)) for a, b in pairwise(corners) if a != b]
        for a, b, length in legs:  # noqa: B007 - past the last by a rounding error, it is the last
            if left <= length:
                break
            left -= length
        else:
            left = length
        share = left / length
        yaw = math.atan2(b[1] - a[1], b[0] - a[0])
        return Pose2D(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), yaw)


@dataclass(frozen=True)
class MovingItem:
    """An item that moves by itself, whatever pushes it.

    Attributes:
        name: Of its item, whose pose is ``route.pose_at(route.start_m)``.
        yields: It waits where its next step would take it up to a robot that stands still.
    """

    name: str
    route: Route
    yields: bool = True


@dataclass(frozen=True)
class PassingSide:
    """Two ways past something, of which the instruction asks for one.

    Attributes:
        name: As the instruction says it, e.g. "left".
        asked, other: Line segments on the floor; whichever was crossed last tells which way was taken.
    """

    name: str
    asked: Segment
    other: Segment


@dataclass(frozen=True)
class Light:
    """The one light of a scene, in TinyRenderer's model: surface * (ambient + diffuse * colour * max(0, n . l))."""

    direction: tuple[float, float, float] = (0.4, -0.3, 1.0)  # towards the light
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.6
    diffuse: float = 0.35


@dataclass(frozen=True)
class Task:
    """The task: reach ``goal`` in time, touch nothing, reach none of ``others``.

    Attributes:
        hold_s: How long the robot must stay within the goal's circle without a break; 0: reaching it is enough.
        side: The way that must be taken to the goal, where there is a choice.
    """

    goal: Target
    others: tuple[Target, ...] = ()
    time_limit_s: float = 30.0
    stuck_after_s: float = 8.0  # this long within ``stuck_radius_m`` ends the episode as 'stuck'
    stuck_radius_m: float = 0.15
    hold_s: float = 0.0
    side: PassingSide | None = None


@dataclass(frozen=True)
class CameraOffset:
    """The camera's offset from its mount: metres along the robot's axes, radians."""

    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0  # to the left
    pitch: float = 0.0  # downwards
    roll: float = 0.0  # clockwise
    fov_factor: float = 1.0


@dataclass(frozen=True)
class ImageCorruption:
    """Corruption of frames between camera and policy.

    Attributes:
        noise: Standard deviation of Gaussian noise per channel, of the full range.
        blur_px: Standard deviation of a Gaussian blur.
        drop: Probability that a frame is lost, so that the one before is seen again.
        seed: Of the noise's and the drops' generator.
    """

    noise: float = 0.0
    blur_px: float = 0.0
    drop: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Actuation:
    """Errors of the base's drive.

    Attributes:
        gain: Of vx, vy and wz.
        slip: Standard deviation of a factor on each axis, drawn anew for every control step.
        delay_s: From the command to its effect; a multiple of 25 ms.
        seed: Of the slip's generator.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slip: float = 0.0
    delay_s: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Conditions:
    """The conditions of an episode; the defaults disturb nothing.

    Attributes:
        latency_s: The policy's thinking time; the world goes on with its last command meanwhile.
        period_factor: The policy is asked this many times more seldom than it declares.
    """

    mount: CameraOffset = CameraOffset()
    image: ImageCorruption = ImageCorruption()
    actuation: Actuation = Actuation()
    latency_s: float = 0.0
    period_factor: int = 1


@dataclass(frozen=True)
class World:
    """Everything about an episode's world: its items, the robot's start, and the task.

    Attributes:
        bounds_m: The ground that planning considers.
        clearance_m: The free space on each side of the robot's hull that some path to the goal keeps everywhere.
        movers: What moves by itself; the goal's item may be among them.
        conditions: What disturbs the drive.
    """

    scenario: str
    items: tuple[Item, ...]
    start: Pose2D
    task: Task
    instruction: str
    bounds_m: Bounds
    clearance_m: float
    light: Light = field(default_factory=Light)
    background: tuple[float, float, float] = (0.75, 0.82, 0.90)
    movers: tuple[MovingItem, ...] = ()
    conditions: Conditions = Conditions()

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)

    @cached_property
    def goal_index(self) -> int | None:
        """Index of the goal in ``movers``; None if it doesn't move."""
        return next((i for i, mover in enumerate(self.movers) if mover.name == self.task.goal.name), None)

    @cached_property
    def goal_mover(self) -> MovingItem | None:
        """The goal, if it moves."""
        return None if self.goal_index is None else self.movers[self.goal_index]

    def goal_at(self, progress: Sequence[float]) -> Pose2D:
        """Return the goal's pose, given how far each mover has gone.

        Args:
            progress: Metres along the route of each of ``movers``.
        """
        if self.goal_index is None:
            return self.task.goal.pose
        return self.movers[self.goal_index].route.pose_at(progress[self.goal_index])


def hull_shape(shape: Shape) -> Primitive:
    """Return the primitive that a shape counts as for contacts, planning and maps."""
    return shape.hull if isinstance(shape, Compound) else shape


def footprint_radius(item: Item) -> float:
    """Return the radius of the smallest circle about the item's centre that contains its floor plan."""
    shape = hull_shape(item.shape)
    return math.hypot(shape.size_m[0], shape.size_m[1]) / 2.0 if isinstance(shape, Box) else shape.radius_m
