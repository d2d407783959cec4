"""Drive down a corridor past boxes to the named target at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.building import drawn_light, lamps, shade, shell, slab, tinted
from scenarios.looks import FLOOR_LOOKS, WALL_LOOKS
from scenarios.occupancy import ROBOT_RADIUS_M, reachable
from scenarios.palette import OBSTACLE_COLOURS, TARGET_COLOURS, rgba
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.world import Box, Cone, Cylinder, Item, Pose2, Shape, Sphere, Target, Task, World

TARGET_SHAPES: dict[str, Shape] = {
    "ball": Sphere(0.16),
    "cone": Cone(0.17, 0.46),
    "barrel": Cylinder(0.15, 0.40),
}


@dataclass(frozen=True)
class CorridorSpec:
    """What a corridor is drawn from. Lengths in metres, angles in radians."""

    length: Range = Range(7.0, 10.0)
    width: Range = Range(2.4, 3.2)
    height: Range = Range(2.3, 2.7)
    boxes: IntRange = IntRange(1, 4)
    box_length: Range = Range(0.25, 0.60)
    box_width: Range = Range(0.25, 0.90)
    box_height: Range = Range(0.25, 1.10)
    box_yaw: Range = Range(-0.5, 0.5)
    targets: IntRange = IntRange(2, 3)
    target_spacing: float = 1.20  # between centres, so that no circle of one target overlaps another's
    target_radius: float = 0.50
    start_yaw: Range = Range(-0.35, 0.35)
    clearance: float = 0.20  # on each side of the hull, along some path, in every draw
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(
        (
            "drive down the corridor to the {target}",
            "go to the {target} at the end of the corridor",
            "navigate past the boxes and stop at the {target}",
            "move forward to the {target} without touching anything",
            "find the {target} and drive to it",
            "head for the {target}",
        )
    )


def corridor(spec: CorridorSpec, rng: np.random.Generator) -> World:
    """Draw one corridor that is solvable with the spec's clearance.

    Raises:
        RuntimeError: If 300 draws in a row are unsolvable, which means that the ranges ask for too much.
    """
    count = spec.boxes.draw(rng)  # drawn once, so that crowded corridors are not rejected away
    for _ in range(300):
        world = _draw(spec, rng, count)
        if world is not None and reachable(world, spec.clearance):
            return world
    raise RuntimeError(f"no solvable corridor in 300 draws: the ranges leave no room for {spec.clearance} m clearance")


def _draw(spec: CorridorSpec, rng: np.random.Generator, box_count: int) -> World | None:
    length, width, height = spec.length.draw(rng), spec.width.draw(rng), spec.height.draw(rng)
    room = width / 2 - ROBOT_RADIUS_M - spec.clearance
    start = Pose2(0.6, float(rng.uniform(-room, room)), spec.start_yaw.draw(rng))
    targets = _targets(spec, rng, length, width)
    boxes = _boxes(spec, rng, length, width, box_count)
    if targets is None:
        return None
    goals = tuple(Target(item.name, item.label, item.pose, spec.target_radius) for item in targets)
    named = int(rng.integers(len(goals)))
    light = drawn_light(spec.ambient, spec.diffuse, rng)
    return World(
        scenario="corridor",
        items=(*_hall(spec, rng, length, width, height), *boxes, *targets),
        start=start,
        task=Task(goal=goals[named], others=goals[:named] + goals[named + 1 :]),
        instruction=spec.phrases.draw(rng).format(target=goals[named].description),
        bounds_m=(0.0, -width / 2, length, width / 2),
        clearance_m=spec.clearance,
        light=light,
    )


def _targets(spec: CorridorSpec, rng: np.random.Generator, length: float, width: float) -> list[Item] | None:
    """Targets of different kinds, spread over the far end; None if they find no room."""
    kinds = [(colour, shape) for colour in TARGET_COLOURS for shape in TARGET_SHAPES]
    items: list[Item] = []
    for number, (colour, name) in enumerate(draw_distinct(rng, kinds, spec.targets.draw(rng))):
        shape = TARGET_SHAPES[name]
        for _ in range(40):
            pose = Pose2(
                float(rng.uniform(length - 1.5, length - 0.35)), float(rng.uniform(-1, 1)) * (width / 2 - 0.35)
            )
            if all(math.dist((pose.x, pose.y), (o.pose.x, o.pose.y)) >= spec.target_spacing for o in items):
                break
        else:
            if len(items) >= spec.targets.low:
                return items
            return None
        items.append(
            Item(f"target-{number}", f"{colour} {name}", shape, pose, shape.height_m / 2, rgba(colour), "target")
        )
    return items


def _boxes(spec: CorridorSpec, rng: np.random.Generator, length: float, width: float, count: int) -> list[Item]:
    items: list[Item] = []
    for number in range(count):
        size = (spec.box_length.draw(rng), spec.box_width.draw(rng), spec.box_height.draw(rng))
        # Somewhere between the start and the targets; near a wall as often as in the way.
        pose = Pose2(
            float(rng.uniform(1.7, length - 2.4)), float(rng.uniform(-1, 1)) * (width / 2 - 0.2), spec.box_yaw.draw(rng)
        )
        colour = OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
        items.append(
            Item(f"box-{number}", f"{colour} box", Box(size), pose, size[2] / 2, rgba(colour), "obstacle", "box/crate")
        )
    return items


def _hall(spec: CorridorSpec, rng: np.random.Generator, length: float, width: float, height: float) -> list[Item]:
    """Floor, walls, ceiling, and what makes them a place: skirting, doors, lamps."""
    floor_look, wall_look = spec.floor_look.draw(rng), spec.wall_look.draw(rng)
    floor_tint, wall_tint = tinted(spec.tint, rng), tinted(spec.tint, rng)
    bounds = (0.0, -width / 2, length, width / 2)
    items = shell(bounds, height, (floor_look, floor_tint), (wall_look, wall_tint))
    middle = length / 2
    trim = shade(wall_tint, 0.55)
    for name, side in (("left", 1), ("right", -1)):
        at = (middle, side * (width / 2 - 0.015), 0.05)
        items.append(slab(f"skirting-{name}", "decor", (length, 0.03, 0.10), at, trim))
        for number, x in enumerate(np.arange(1.5 + rng.uniform(0, 1.0), length - 1.0, 2.8)):
            wood = shade((0.62, 0.42, 0.24, 1.0), float(rng.uniform(0.8, 1.2)))
            at = (float(x), side * (width / 2 - 0.016), 1.0)
            items.append(slab(f"door-{name}-{number}", "decor", (0.85, 0.03, 2.0), at, wood))
    items.append(slab("skirting-end", "decor", (0.03, width, 0.10), (length - 0.015, 0.0, 0.05), trim))
    return [*items, *lamps(np.arange(1.2, length, 2.4), height)]
