"""Find a target that is out of sight at the start: the instruction tells in which room off the hallway it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from scenarios.building import WALL_THICKNESS_M, drawn_light, lamps, shade, shell, slab, tinted
from scenarios.doors import PAINTS, WOOD, Door, wall_with_doors
from scenarios.looks import FLOOR_LOOKS, WALL_LOOKS
from scenarios.objects import FURNITURE
from scenarios.occupancy import ROBOT_RADIUS_M, Hulls, reachable
from scenarios.palette import OBSTACLE_COLOURS, rgba
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.targets import KINDS, target
from scenarios.world import RGBA, Box, Item, Pose2, Target, Task, World, footprint

ORDINALS = ("first", "second", "third")
RUGS: tuple[RGBA, ...] = (  # duller than any target
    (0.46, 0.30, 0.28, 1.0),
    (0.30, 0.38, 0.32, 1.0),
    (0.28, 0.33, 0.46, 1.0),
    (0.56, 0.50, 0.40, 1.0),
    (0.38, 0.38, 0.41, 1.0),
)
OUTER_MARGIN_M = 0.40  # from a target to the building's outer walls
TARGET_GAP_M = 0.15  # between furniture and a robot that stands where a target stands; what is nearer is left out
CORNER_M = 0.80  # of a side wall, that furniture along the far wall may need
EDGE_POINTS, SIGHT_POINTS = 12, 400
EYE_OFF_M = 0.10  # the camera is no farther from where the robot stands


class Room(NamedTuple):
    """One room off the hallway.

    Attributes:
        name: As the instruction says it, e.g. "first room on the left".
        side: 1 on the left, -1 on the right.
        x_m: Where it begins and ends along the hallway.
        y_m: Its near and its far end, away from the hallway's middle line.
        door: In the wall to the hallway.
    """

    name: str
    side: int
    x_m: tuple[float, float]
    y_m: tuple[float, float]
    door: Door


@dataclass(frozen=True)
class RoomsSpec:
    """What a hallway with rooms is drawn from. Lengths in metres, angles in radians.

    Attributes:
        rooms: How many on the left and on the right: two or more, at most three on a side.
        room_length: Along the hallway, where there are most; those on the other side share the same length.
        same_kind_probability: That all rooms hold a target of one kind, so that nothing but the room's name tells.
    """

    rooms: Choice[tuple[int, int]] = Choice(((1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (2, 2)))
    room_length: Range = Range(3.6, 4.6)
    room_depth: Range = Range(2.8, 3.6)
    hall_width: Range = Range(1.7, 2.3)
    height: Range = Range(2.4, 2.8)
    door_width: Range = Range(0.90, 1.10)
    door_margin: float = 0.45  # of wall, at least, on each side of a door
    same_kind_probability: float = 0.5
    furniture: IntRange = IntRange(1, 2)  # in each room
    kinds: Choice[str] = Choice(("sofa", "shelf", "table", "chair", "plant", "suitcase"))
    target_radius: float = 0.50
    start_yaw: Range = Range(-0.25, 0.25)
    clearance: float = 0.20  # on each side of the hull, along some path, in every draw
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    paint: Choice[str] = Choice(tuple(PAINTS))
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(
        (
            "go to the {target}",
            "find the {target}",
            "drive to the {target} and stop there",
            "head for the {target}",
            "navigate to the {target} without touching anything",
        )
    )


def rooms(spec: RoomsSpec, rng: np.random.Generator) -> World:
    """Draw one hallway whose rooms hide their targets from the start, and let the named one be reached.

    Raises:
        RuntimeError: If 300 draws in a row don't, which means that the ranges ask for too much.
        ValueError: If there are too few rooms, or too many to be named.
    """
    counts = spec.rooms.draw(rng)  # drawn once, so that many rooms are not rejected away
    if min(counts) < 0 or sum(counts) < 2 or max(counts) > len(ORDINALS):
        raise ValueError(f"rooms are two or more, and at most {len(ORDINALS)} on a side, not {list(counts)}")
    for _ in range(300):
        world = _draw(spec, rng, counts)
        if world is not None and reachable(world, spec.clearance):
            return world
    raise RuntimeError(f"no solvable rooms in 300 draws: the ranges leave no room for {spec.clearance} m clearance")


def in_sight(world: World, item: Item) -> bool:
    """Whether some straight line from a world's start to an item passes no wall.

    Furniture hides nothing here; the camera may stand ``EYE_OFF_M`` beside the start.
    """
    angles = np.linspace(0.0, math.tau, EDGE_POINTS, endpoint=False)
    around = (footprint(item) + EYE_OFF_M) * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    edge, eye = np.array([item.pose.x, item.pose.y]) + around, np.array([world.start.x, world.start.y])  # (e, 2), (2,)
    lines = eye + np.linspace(0.0, 1.0, SIGHT_POINTS)[:, None, None] * (edge - eye)  # (s, e, 2)
    walls = Hulls(world, [other for other in world.items if other.role == "wall"])
    return bool(np.any(np.all(walls.clearance(lines) > -ROBOT_RADIUS_M, axis=0)))


def _draw(spec: RoomsSpec, rng: np.random.Generator, counts: tuple[int, int]) -> World | None:
    width, height = spec.hall_width.draw(rng), spec.height.draw(rng)
    length, near = max(counts) * spec.room_length.draw(rng), width / 2 + WALL_THICKNESS_M
    far = near + spec.room_depth.draw(rng)
    drawn = [
        *_side(spec, rng, 1, counts[0], length, (near, far)),
        *_side(spec, rng, -1, counts[1], length, (near, far)),
    ]
    bounds = (0.0, -far if counts[1] else -width / 2, length, far if counts[0] else width / 2)
    off = width / 2 - ROBOT_RADIUS_M - spec.clearance
    targets = _targets(spec, rng, drawn)
    goals = tuple(
        Target(item.name, f"{item.label} in the {room.name}", item.pose, spec.target_radius)
        for item, room in zip(targets, drawn, strict=True)
    )
    named = int(rng.integers(len(goals)))
    world = World(
        scenario="rooms",
        items=(*_building(spec, rng, bounds, width, height, drawn), *targets),
        start=Pose2(0.45, float(rng.uniform(-off, off)), spec.start_yaw.draw(rng)),
        task=Task(goal=goals[named], others=goals[:named] + goals[named + 1 :], time_limit_s=45.0),
        instruction=spec.phrases.draw(rng).format(target=goals[named].description),
        bounds_m=bounds,
        clearance_m=spec.clearance,
        light=drawn_light(spec.ambient, spec.diffuse, rng),
    )
    if any(in_sight(world, item) for item in targets):
        return None
    things = [thing for n, room in enumerate(drawn) for thing in _furniture(spec, rng, f"{n}", room)]
    clear = np.array([(item.pose.x, item.pose.y) for item in targets])  # (t, 2)
    fitting = (thing for thing in things if Hulls(world, [thing]).clearance(clear).min() >= TARGET_GAP_M)
    return replace(world, items=(*world.items, *fitting))


def _side(
    spec: RoomsSpec, rng: np.random.Generator, side: int, count: int, length: float, y_m: tuple[float, float]
) -> list[Room]:
    """The rooms on one side of a hallway; together they are as long as it is."""
    found = []
    for number in range(count):
        name = f"{ORDINALS[number]} room" if count > 1 else "room"
        low, high = number * length / count, (number + 1) * length / count
        broad = spec.door_width.draw(rng)
        margin = spec.door_margin + broad / 2
        door = Door(float(rng.uniform(low + margin, high - margin)), broad)
        found.append(Room(f"{name} on the {'left' if side > 0 else 'right'}", side, (low, high), y_m, door))
    return found


def _building(
    spec: RoomsSpec,
    rng: np.random.Generator,
    bounds_m: tuple[float, float, float, float],
    width: float,
    height: float,
    drawn: Sequence[Room],
) -> list[Item]:
    """Outer walls in their look, inner ones painted, a rug and a lamp in every room."""
    floor, wall = ((look.draw(rng), tinted(spec.tint, rng)) for look in (spec.floor_look, spec.wall_look))
    paint, wood = PAINTS[spec.paint.draw(rng)], shade(WOOD, float(rng.uniform(0.8, 1.4)))
    length, middle = bounds_m[2], width / 2 + WALL_THICKNESS_M / 2
    items = [*shell(bounds_m, height, floor, wall), *lamps(np.arange(1.2, length, 2.4), height)]
    items.append(slab("skirting-end", "decor", (0.03, width, 0.10), (length - 0.015, 0.0, 0.05), wood))
    for name, side in (("left", 1), ("right", -1)):
        beside = [room for room in drawn if room.side == side]
        if not beside:
            at = (length / 2, side * (width / 2 - 0.015), 0.05)
            items.append(slab(f"skirting-{name}", "decor", (length, 0.03, 0.10), at, wood))
            continue
        a, b = (0.0, side * middle), (length, side * middle)
        items += wall_with_doors(name, a, b, [room.door for room in beside], height, paint, wood)
        for number, room in enumerate(beside):
            (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
            x, y = (x_low + x_high) / 2, side * (y_low + y_high) / 2
            items += lamps(np.array([x]), height, y, f"lamp-{name}-{number}")
            rug, size = RUGS[int(rng.integers(len(RUGS)))], (0.5 * (x_high - x_low), 0.5 * (y_high - y_low), 0.01)
            items.append(slab(f"rug-{name}-{number}", "decor", size, (x, y, 0.005), rug))
            if number:
                ends = (x_low, side * y_low), (x_low, side * y_high)
                items += wall_with_doors(f"{name}-{number}", *ends, [], height, paint, wood)
    return items


def _targets(spec: RoomsSpec, rng: np.random.Generator, drawn: Sequence[Room]) -> list[Item]:
    """A target in every room, too far from its inner walls to be reached through one."""
    alike = KINDS[int(rng.integers(len(KINDS)))]
    kinds = [alike] * len(drawn)
    if rng.uniform() >= spec.same_kind_probability:
        kinds = draw_distinct(rng, KINDS, len(drawn))
    items = []
    for number, (kind, room) in enumerate(zip(kinds, drawn, strict=True)):
        (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
        x = float(rng.uniform(x_low + spec.target_radius, x_high - spec.target_radius))
        y = room.side * float(rng.uniform(y_low + spec.target_radius, y_high - OUTER_MARGIN_M))
        items.append(target(number, kind, Pose2(x, y)))
    return items


def _furniture(spec: RoomsSpec, rng: np.random.Generator, name: str, room: Room) -> list[Item]:
    """Things with their backs to different walls of a room."""
    (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
    items = []
    for wall in draw_distinct(rng, ("far", "low", "high"), spec.furniture.draw(rng)):
        kind, colour = spec.kinds.draw(rng), OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
        shape = FURNITURE[kind](rng, rgba(colour))
        size = shape.hull.size_m[:2] if isinstance(shape.hull, Box) else (2 * shape.hull.radius_m,) * 2
        deep, broad = sorted(size)
        back = WALL_THICKNESS_M / 2 + 0.03 + deep / 2  # from the wall's middle line
        if wall == "far":
            x = float(rng.uniform(x_low + back + broad / 2, x_high - back - broad / 2))
            place = Pose2(x, room.side * (y_high - back), -room.side * math.pi / 2)
        else:
            y = room.side * float(rng.uniform(y_low + 0.1 + broad / 2, y_high - CORNER_M - broad / 2))
            place = Pose2(x_low + back, y) if wall == "low" else Pose2(x_high - back, y, math.pi)
        if size[0] > size[1]:  # its long side goes along the wall
            place = replace(place, yaw=place.yaw + math.pi / 2)
        label = f"{colour} {kind}"
        items.append(Item(f"{kind}-{name}-{wall}", label, shape, place, shape.height_m / 2, rgba(colour), "obstacle"))
    return items
