"""Data classes of a world: frozen, concrete numbers only. Metres, radians, kilograms, seconds.

The frame is right-handed: +x ahead of the usual start, +y left, +z up; yaw counts from +x to +y.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from scenarios.geometry import Bounds, Point, Pose2D, Segment

Role = Literal["floor", "wall", "ceiling", "obstacle", "target", "decor"]
PhraseKind = Literal["seen", "unseen"]  # stands in training, or is held out from it
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


@dataclass(frozen=True)
class Target:
    """A place to reach: within ``radius_m`` (robot centre to ``pose``) counts as reached."""

    name: str  # the name of its Item
    description: str  # as the instruction says it, unique in its world, e.g. "red ball"; begins with the Item's label
    pose: Pose2D
    radius_m: float


@dataclass(frozen=True)
class Route:
    """A polyline that an item moves along: round and round, or to its end and back.

    Attributes:
        points: Two or more corners on the floor, metres.
        speed_mps: Speed, where ``pace`` doesn't change it.
        closed: If true, the last corner connects to the first; otherwise the item returns the way it came.
        start_m: Distance along the route at the start of the episode.
        pace: Factor on the speed along each leg, from one corner to the next; empty if the speed is constant.
    """

    points: tuple[Point, ...]
    speed_mps: float
    closed: bool = False
    start_m: float = 0.0
    pace: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        legs = len(self.points) - (0 if self.closed else 1)
        if self.pace and (len(self.pace) != legs or min(self.pace) <= 0.0):
            raise ValueError(f"a pace needs a positive factor for each of {legs} legs, not {self.pace}")

    @cached_property
    def lap_m(self) -> float:
        """Length of a whole lap, back to the same place and heading, m."""
        corners = (*self.points, self.points[0]) if self.closed else self.points
        once = sum(math.dist(a, b) for a, b in pairwise(corners))
        return once if self.closed else 2.0 * once

    @cached_property
    def _legs(self) -> tuple[tuple[Point, Point, float, float], ...]:
        """Begin, end, length (m) and yaw (rad) of each leg of a lap."""
        corners = (*self.points, self.points[0]) if self.closed else (*self.points, *self.points[-2::-1])
        return tuple(
            (a, b, math.dist(a, b), math.atan2(b[1] - a[1], b[0] - a[0])) for a, b in pairwise(corners) if a != b
        )

    @cached_property
    def _timetable(self) -> tuple[np.ndarray, np.ndarray]:
        """Metres and seconds from the first corner to each corner of a lap, the first and the last included."""
        there = tuple(math.dist(a, b) for a, b in pairwise((*self.points, *self.points[: int(self.closed)])))
        lengths, pace = (there, self.pace) if self.closed else (there + there[::-1], self.pace + self.pace[::-1])
        seconds = np.array(lengths) / (self.speed_mps * np.array(pace))
        return np.concatenate([[0.0], np.cumsum(lengths)]), np.concatenate([[0.0], np.cumsum(seconds)])

    @property
    def lap_s(self) -> float:
        """Duration of a whole lap, s."""
        return float(self._timetable[1][-1]) if self.pace else self.lap_m / self.speed_mps

    def advance(self, distance_m: float, seconds: float) -> float:
        """Return the distance along the route that an item reaches which starts from another one and meets nothing."""
        if not self.pace:
            return distance_m + self.speed_mps * seconds
        metres, times = self._timetable
        laps, left = divmod(distance_m, float(metres[-1]))
        more, late = divmod(float(np.interp(left, metres, times)) + seconds, float(times[-1]))
        return (laps + more) * float(metres[-1]) + float(np.interp(late, times, metres))

    def pose_at(self, distance_m: float) -> Pose2D:
        """Return the pose at a distance along the route; episodes begin at ``start_m``."""
        left = distance_m % self.lap_m
        for a, b, length, yaw in self._legs:  # noqa: B007 - past the last by a rounding error, it is the last
            if left <= length:
                break
            left -= length
        else:
            left = length
        share = left / length
        return Pose2D(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), yaw)


@dataclass(frozen=True)
class MovingItem:
    """An item that moves by itself and can't be pushed.

    Attributes:
        name: Name of the item, whose pose is ``route.pose_at(route.start_m)``.
        yields: If true, it waits when its next step would bring it close to a robot that stands still.
    """

    name: str
    route: Route
    yields: bool = True


@dataclass(frozen=True)
class PassingSide:
    """Two ways past something, of which the instruction asks for one.

    Attributes:
        name: As the instruction says it, e.g. "left".
        asked: Line segment on the floor. The robot must cross it, coming from the start's side of it.
        other: Line segment on the floor. Crossing it from the start's side is final: the other way was taken.
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
    """The task: reach ``goal`` in time, touch nothing, reach none of ``others``, follow none of ``decoys``.

    Attributes:
        others: Targets that stand. Coming within reach of one ends the episode.
        hold_s: How long the robot must stay within the goal's circle without a break; 0: reaching it is enough.
        hold_m: How far a moving goal must travel meanwhile.
        decoys: Targets that move. Following one as the goal must be followed ends the episode; being passed by one
            doesn't.
        side: The side on which the robot must pass, if the instruction names one.
    """

    goal: Target
    others: tuple[Target, ...] = ()
    time_limit_s: float = 30.0
    stuck_after_s: float = 8.0  # this long within ``stuck_radius_m`` ends the episode as 'stuck'
    stuck_radius_m: float = 0.15
    hold_s: float = 0.0
    hold_m: float = 0.0
    side: PassingSide | None = None
    decoys: tuple[Target, ...] = ()

    @property
    def must_stay(self) -> bool:
        """Whether the robot must stay within the goal's circle, for a time or a stretch of the goal's way."""
        return self.hold_s > 0.0 or self.hold_m > 0.0


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
        drop: Probability that a frame is lost and the previous one is repeated.
        seed: Seed of the noise and of the dropped frames.
    """

    noise: float = 0.0
    blur_px: float = 0.0
    drop: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Actuation:
    """Errors of the base's drive.

    Attributes:
        gain: Factors on vx, vy and wz.
        slip: Standard deviation of a factor on each axis, sampled anew for every control step.
        delay_s: Time from a command to its effect; a multiple of 25 ms.
        seed: Seed of the slip.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slip: float = 0.0
    delay_s: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Conditions:
    """The conditions of an episode; the defaults disturb nothing.

    Attributes:
        latency_s: Inference time of the policy; meanwhile its last command stays in effect.
        period_factor: Factor on the control period that the policy declares.
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
        bounds_m: The area in which paths are planned.
        clearance_m: Free space on each side of the robot's hull along the whole of some path to the goal.
        movers: Items that move by themselves; may include the goal's item.
        conditions: Disturbances of camera, drive and policy timing.
        phrase: The kind of phrase that the instruction follows; None if its scenario holds no phrases out, or if the
            instruction is a paraphrase.
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
    phrase: PhraseKind | None = None

    def item(self, name: str) -> Item:
        """Return the item of that name."""
        return next(item for item in self.items if item.name == name)

    @cached_property
    def goal_index(self) -> int | None:
        """Index of the goal in ``movers``; None if the goal doesn't move."""
        return next((i for i, mover in enumerate(self.movers) if mover.name == self.task.goal.name), None)

    @cached_property
    def goal_mover(self) -> MovingItem | None:
        """The goal as a moving item; None if it doesn't move."""
        return None if self.goal_index is None else self.movers[self.goal_index]

    @cached_property
    def decoy_indices(self) -> tuple[int, ...]:
        """Indices of the task's decoys in ``movers``."""
        names = [mover.name for mover in self.movers]
        return tuple(names.index(decoy.name) for decoy in self.task.decoys)

    def decoys_at(self, progress: Sequence[float]) -> tuple[Point, ...]:
        """Return the positions of the task's decoys, given the progress of each mover as for ``goal_at``."""
        return tuple(self.movers[index].route.pose_at(progress[index]).xy for index in self.decoy_indices)

    def goal_at(self, progress: Sequence[float]) -> Pose2D:
        """Return the goal's pose, given the progress of each mover.

        Args:
            progress: Distance along the route of each of ``movers``, metres.
        """
        if self.goal_index is None:
            return self.task.goal.pose
        return self.movers[self.goal_index].route.pose_at(progress[self.goal_index])


def hull_shape(shape: Shape) -> Primitive:
    """Return the primitive that stands for a shape in contacts, planning and maps."""
    return shape.hull if isinstance(shape, Compound) else shape


def footprint_radius(item: Item) -> float:
    """Return the radius of the smallest circle about the item's centre that contains its floor plan."""
    shape = hull_shape(item.shape)
    return math.hypot(shape.size_m[0], shape.size_m[1]) / 2.0 if isinstance(shape, Box) else shape.radius_m
