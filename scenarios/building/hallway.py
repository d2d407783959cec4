"""Hallways with rooms, each with a name, a door, a rug and a lamp."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scenarios.building.doors import WOOD, Door, build_wall_with_doors
from scenarios.building.shell import WALL_THICKNESS_M, Surface, build_cuboid, build_lamps, build_shell
from scenarios.geometry import Bounds
from scenarios.objects.colours import scale_brightness
from scenarios.ranges import Range
from scenarios.world import RGBA, Item

ORDINALS = ("first", "second", "third")
RUGS: tuple[RGBA, ...] = (  # duller than any target
    (0.46, 0.30, 0.28, 1.0),
    (0.30, 0.38, 0.32, 1.0),
    (0.28, 0.33, 0.46, 1.0),
    (0.56, 0.50, 0.40, 1.0),
    (0.38, 0.38, 0.41, 1.0),
)


class Room(NamedTuple):
    """One room off the hallway.

    Attributes:
        name: Name in instructions, e.g. "first room on the left".
        side: 1 on the left, -1 on the right.
        x_m: Start and end along the hallway.
        y_m: Distances of its near and its far end from the hallway's centre line.
        door: Its door in the wall to the hallway.
    """

    name: str
    side: int
    x_m: tuple[float, float]
    y_m: tuple[float, float]
    door: Door


def sample_rooms_beside(
    rng: np.random.Generator,
    side: int,
    count: int,
    length: float,
    y_m: tuple[float, float],
    door_width: Range,
    door_margin: float,
) -> list[Room]:
    """Sample the rooms on one side of a hallway; together they are as long as it is.

    Args:
        side: 1 on the left, -1 on the right.
        y_m: As in ``Room``.
        door_margin: Smallest length of wall on each side of a door, metres.
    """
    found = []
    for number in range(count):
        name = f"{ORDINALS[number]} room" if count > 1 else "room"
        low, high = number * length / count, (number + 1) * length / count
        broad = door_width.draw(rng)
        margin = door_margin + broad / 2
        door = Door(float(rng.uniform(low + margin, high - margin)), broad)
        found.append(Room(f"{name} on the {'left' if side > 0 else 'right'}", side, (low, high), y_m, door))
    return found


def build_hallway(
    rng: np.random.Generator,
    bounds_m: Bounds,
    width: float,
    height: float,
    floor: Surface,
    wall: Surface,
    paint: RGBA,
    rooms: Sequence[Room],
) -> list[Item]:
    """Build textured outer walls, painted inner walls, and a rug and a lamp in every room.

    Args:
        bounds_m: The area inside the outer walls.
        width: Width of the hallway, whose centre line is y = 0.
    """
    wood = scale_brightness(WOOD, float(rng.uniform(0.8, 1.4)))
    length, middle = bounds_m.x_max, width / 2 + WALL_THICKNESS_M / 2
    items = [*build_shell(bounds_m, height, floor, wall), *build_lamps(np.arange(1.2, length, 2.4), height)]
    items.append(build_cuboid("skirting-end", "decor", (0.03, width, 0.10), (length - 0.015, 0.0, 0.05), wood))
    for name, side in (("left", 1), ("right", -1)):
        beside = [room for room in rooms if room.side == side]
        if not beside:
            at = (length / 2, side * (width / 2 - 0.015), 0.05)
            items.append(build_cuboid(f"skirting-{name}", "decor", (length, 0.03, 0.10), at, wood))
            continue
        a, b = (0.0, side * middle), (length, side * middle)
        items += build_wall_with_doors(name, a, b, [room.door for room in beside], height, paint, wood)
        for number, room in enumerate(beside):
            (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
            x, y = (x_low + x_high) / 2, side * (y_low + y_high) / 2
            items += build_lamps(np.array([x]), height, y, f"lamp-{name}-{number}")
            rug, size = RUGS[int(rng.integers(len(RUGS)))], (0.5 * (x_high - x_low), 0.5 * (y_high - y_low), 0.01)
            items.append(build_cuboid(f"rug-{name}-{number}", "decor", size, (x, y, 0.005), rug))
            if number:
                ends = (x_low, side * y_low), (x_low, side * y_high)
                items += build_wall_with_doors(f"{name}-{number}", *ends, [], height, paint, wood)
    return items
