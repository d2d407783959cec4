"""Corridor: drive past boxes to the named target at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.building.shell import build_cuboid, build_lamps, build_shell
from scenarios.families.family import HallSpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import OBSTACLE_COLOURS, sample_tint, scale_brightness
from scenarios.objects.items import build_box_item
from scenarios.objects.targets import place_targets_by, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, World


@dataclass(frozen=True)
class CorridorSpec(HallSpec):
    """The ranges of a corridor."""

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
    clearance: float = 0.20  # on each side of the hull, along some path, in every draw
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
    unseen_phrases: Choice[str] = Choice(
        (
            "get yourself over to the {target}, clear of every obstacle",
            "the {target} is where you should end up",
            "steer between the obstacles until you arrive at the {target}",
            "I need you at the {target} down there",
            "make for the {target} ahead and leave the rest alone",
        )
    )


def corridor(spec: CorridorSpec, rng: np.random.Generator) -> World:
    """Sample a corridor that is solvable with the spec's clearance; raises as ``rejection_sample`` if there is none."""
    boxes = spec.boxes.draw(rng)  # sampled once, so that rejection doesn't favour empty corridors
    return rejection_sample("corridor", lambda: _draw(spec, rng, boxes))


def _draw(spec: CorridorSpec, rng: np.random.Generator, count: int) -> World | None:
    length, width, height = spec.sample_size(rng)
    room = width / 2 - ROBOT_RADIUS_M - spec.clearance
    start = Pose2D(0.6, float(rng.uniform(-room, room)), spec.start_yaw.draw(rng))
    wanted = spec.targets.draw(rng)
    targets = place_targets_by(
        rng, lambda: _at_the_end(rng, length, width), wanted, spec.target_spacing, spec.targets.low
    )
    boxes = [_box(spec, rng, number, length, width) for number in range(count)]
    if targets is None:
        return None
    task = sample_reach_task(rng, [target_region(item, spec.target_radius) for item in targets])
    bounds, light = Bounds.from_size(length, width), spec.sample_light(rng)
    items = (*_hall(spec, rng, bounds, height), *boxes, *targets)
    return spec.assemble_world(rng, "corridor", items, start, task, bounds, spec.clearance, light=light)


def _at_the_end(rng: np.random.Generator, length: float, width: float) -> Pose2D:
    return Pose2D(float(rng.uniform(length - 1.5, length - 0.35)), float(rng.uniform(-1, 1)) * (width / 2 - 0.35))


def _box(spec: CorridorSpec, rng: np.random.Generator, number: int, length: float, width: float) -> Item:
    """Sample a box between the start and the targets, near a wall as often as in the middle."""
    size = (spec.box_length.draw(rng), spec.box_width.draw(rng), spec.box_height.draw(rng))
    x, y = float(rng.uniform(1.7, length - 2.4)), float(rng.uniform(-1, 1)) * (width / 2 - 0.2)
    pose = Pose2D(x, y, spec.box_yaw.draw(rng))
    return build_box_item(number, OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))], size, pose)


def _hall(spec: CorridorSpec, rng: np.random.Generator, bounds: Bounds, height: float) -> list[Item]:
    """Build floor, walls, ceiling, skirting, doors and lamps."""
    # Both textures before both tints, unlike ``sample_surfaces``: existing corridors depend on this order of draws.
    floor_look, wall_look = spec.floor_look.draw(rng), spec.wall_look.draw(rng)
    floor_tint, wall_tint = sample_tint(spec.tint, rng), sample_tint(spec.tint, rng)
    items = build_shell(bounds, height, (floor_look, floor_tint), (wall_look, wall_tint))
    length, width, (middle, _) = bounds.length, bounds.width, bounds.middle
    trim = scale_brightness(wall_tint, 0.55)
    for name, side in (("left", 1), ("right", -1)):
        at = (middle, side * (width / 2 - 0.015), 0.05)
        items.append(build_cuboid(f"skirting-{name}", "decor", (length, 0.03, 0.10), at, trim))
        for number, x in enumerate(np.arange(1.5 + rng.uniform(0, 1.0), length - 1.0, 2.8)):
            wood = scale_brightness((0.62, 0.42, 0.24, 1.0), float(rng.uniform(0.8, 1.2)))
            at = (float(x), side * (width / 2 - 0.016), 1.0)
            items.append(build_cuboid(f"door-{name}-{number}", "decor", (0.85, 0.03, 2.0), at, wood))
    items.append(build_cuboid("skirting-end", "decor", (0.03, width, 0.10), (length - 0.015, 0.0, 0.05), trim))
    return [*items, *build_lamps(np.arange(1.2, length, 2.4), height)]
