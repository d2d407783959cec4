"""Halls and their furniture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scenarios.building.shell import Surface, build_cuboid, build_lamps, build_shell
from scenarios.common.errors import unknown_name
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import OBSTACLE_COLOURS, named_rgba, scale_brightness
from scenarios.objects.furniture import FURNITURE
from scenarios.objects.items import build_item
from scenarios.objects.routes import distance_to_points
from scenarios.ranges import Choice
from scenarios.world import RGBA, Cylinder, Item, footprint_radius

STONE: RGBA = (0.80, 0.79, 0.76, 1.0)
FURNITURE_GAP_M = 0.10  # between items, and from them to the walls
PLACE_TRIES = 60


def build_hall(
    rng: np.random.Generator,
    bounds_m: Bounds,
    height: float,
    floor: Surface,
    wall: Surface,
) -> list[Item]:
    """Build floor, walls and ceiling, with skirting, wide doors in the long walls and two rows of lamps.

    Args:
        bounds_m: The area inside the walls.
        height: Height of the room, metres.
        floor, wall: Texture and tint of each.
    """
    x_min, y_min, x_max, y_max = bounds_m
    (x, y), length, width = bounds_m.middle, bounds_m.length, bounds_m.width
    items = build_shell(bounds_m, height, floor, wall)
    trim = scale_brightness(wall[1], 0.55)
    for name, side in (("left", y_max - 0.015), ("right", y_min + 0.015)):
        items.append(build_cuboid(f"skirting-{name}", "decor", (length, 0.03, 0.10), (x, side, 0.05), trim))
        for number, at in enumerate(np.arange(x_min + 1.5 + rng.uniform(0, 1.5), x_max - 1.2, 3.6)):
            glass = scale_brightness((0.55, 0.66, 0.72, 1.0), float(rng.uniform(0.85, 1.15)))
            items.append(
                build_cuboid(f"door-{name}-{number}", "decor", (1.5, 0.03, 2.1), (float(at), side, 1.05), glass)
            )
            items.append(
                build_cuboid(f"jamb-{name}-{number}", "decor", (0.06, 0.04, 2.1), (float(at), side, 1.05), trim)
            )
    items.append(build_cuboid("skirting-end", "decor", (0.03, width, 0.10), (x_max - 0.015, y, 0.05), trim))
    xs = np.arange(x_min + 1.2, x_max, 2.4)
    return [
        *items,
        *(lamp for row in (1, 2) for lamp in build_lamps(xs, height, y_min + row * width / 3, f"lamp-{row}")),
    ]


def place_furniture(
    rng: np.random.Generator,
    bounds_m: Bounds,
    height: float,
    count: int,
    kinds: Choice[str],
    keep_clear: Sequence[tuple[np.ndarray, float]],
) -> list[Item] | None:
    """Place furniture and pillars that don't touch each other; return None if there is too little room.

    Args:
        bounds_m: The area that they may cover.
        height: Height of the room and of pillars, metres.
        kinds: Keys of ``FURNITURE``, or ``"pillar"``.
        keep_clear: Points (k, 2), each array with the distance that all items keep from it, metres.

    Raises:
        InputError: If a kind is unknown.
    """
    x_min, y_min, x_max, y_max = bounds_m
    items: list[Item] = []
    for number in range(count):
        kind, colour = kinds.draw(rng), OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
        name, yaw = f"obstacle-{number}", float(rng.uniform(-math.pi, math.pi))
        for _ in range(PLACE_TRIES):
            place = Pose2D(float(rng.uniform(x_min, x_max)), float(rng.uniform(y_min, y_max)), yaw)
            if kind == "pillar":
                pillar = Cylinder(float(rng.uniform(0.14, 0.26)), height)
                item = Item(name, kind, pillar, place, height / 2, STONE, "obstacle")
            elif kind not in FURNITURE:
                raise unknown_name("furniture", kind, ("pillar", *FURNITURE))
            else:
                item = build_item(name, colour, kind, FURNITURE[kind](rng, named_rgba(colour)), place)
            reach = footprint_radius(item) + FURNITURE_GAP_M
            if (
                min(place.x - x_min, x_max - place.x, place.y - y_min, y_max - place.y) >= reach
                and all(
                    distance_to_points(points, place) >= footprint_radius(item) + distance
                    for points, distance in keep_clear
                )
                and all(
                    math.dist((place.x, place.y), (o.pose.x, o.pose.y)) >= reach + footprint_radius(o) for o in items
                )
            ):
                items.append(item)
                break
        else:
            return None
    return items
