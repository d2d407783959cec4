"""Doorway: pass the narrow doors of one to three partitions to the named target behind the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.building.doors import PAINTS, WOOD, Door, build_wall_with_doors
from scenarios.building.shell import build_cuboid, build_lamps, build_shell
from scenarios.families.family import HallSpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.clearance_grid import CELL_M
from scenarios.objects.colours import scale_brightness
from scenarios.objects.targets import place_targets, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, World

ROUNDING_M = 1e-6


@dataclass(frozen=True)
class DoorwaySpec(HallSpec):
    """The ranges of a hall with narrow doors."""

    length: Range = Range(8.0, 10.0)
    width: Range = Range(3.0, 4.4)
    height: Range = Range(2.4, 2.8)
    partitions: IntRange = IntRange(1, 3)
    first_distance: float = 2.0  # least distance of a partition from the wall behind the start
    last_distance: float = 2.8  # least distance of a partition from the end
    partition_spacing: float = 1.5  # least distance between partitions
    door_clearance: Range = Range(0.08, 0.25)  # on each side of a hull in the middle of a door
    door_margin: float = 0.35  # least length of wall on each side of a door
    targets: IntRange = IntRange(2, 3)
    target_spacing: float = 1.35  # between centres: two circles never overlap, and leave room to pass between them
    paint: Choice[str] = Choice(tuple(PAINTS))
    phrases: Choice[str] = Choice(
        (
            "drive through the {doors} to the {target}",
            "pass the narrow {doors} and stop at the {target}",
            "go through the {doors} without touching the walls, then to the {target}",
            "the {target} is past the {doors}: drive to it",
            "get through the {doors} and head for the {target}",
        )
    )
    unseen_phrases: Choice[str] = Choice(
        (
            "squeeze through the {doors} and proceed to the {target}",
            "beyond the {doors} stands the {target}, bring yourself there",
            "your goal is the {target}, on the other side of the {doors}",
            "use the {doors} to reach the {target}, scraping nothing",
            "I need you at the {target}, which lies behind the {doors}",
        )
    )


def doorway(spec: DoorwaySpec, rng: np.random.Generator) -> World:
    """Sample a hall whose narrowest door gives the world its clearance."""
    partitions = spec.partitions.draw(rng)  # sampled once, so that rejection doesn't favour few partitions
    return rejection_sample("doorway", lambda: _draw(spec, rng, partitions))


def _draw(spec: DoorwaySpec, rng: np.random.Generator, partitions: int) -> World | None:
    length, width, height = spec.sample_size(rng)
    slack = length - spec.first_distance - spec.last_distance - (partitions - 1) * spec.partition_spacing
    if slack < 0.0:
        return None
    xs = spec.first_distance + np.sort(rng.uniform(0.0, slack, partitions))
    xs += spec.partition_spacing * np.arange(partitions)
    doors = [_door(spec, rng, width) for _ in xs]
    end = Bounds(float(xs[-1]) + 1.25, 0.35 - width / 2, length - 0.35, width / 2 - 0.35)
    targets = place_targets(rng, end, spec.targets.draw(rng), spec.target_spacing)
    if targets is None:
        return None
    task = sample_reach_task(rng, [target_region(item, spec.target_radius) for item in targets], time_limit_s=40.0)
    room = width / 2 - ROBOT_RADIUS_M - spec.door_clearance.high
    building = _building(spec, rng, (length, width, height), xs, doors)
    return spec.assemble_world(
        rng,
        "doorway",
        (*building, *targets),
        Pose2D(0.6, float(rng.uniform(-room, room)), spec.start_yaw.draw(rng)),
        task,
        bounds_m=Bounds.from_size(length, width),
        clearance_m=min(door.width_m for door in doors) / 2 - ROBOT_RADIUS_M - ROUNDING_M,
        doors="doorway" if partitions == 1 else "doorways",
    )


def _door(spec: DoorwaySpec, rng: np.random.Generator, width: float) -> Door:
    """Sample a door centred on a row of grid cells, so that a planned path can use its full width."""
    free = 2 * (ROBOT_RADIUS_M + spec.door_clearance.draw(rng))
    edge = spec.door_margin + free / 2
    row = round(float(rng.uniform(edge, width - edge)) / CELL_M - 0.5)
    return Door((row + 0.5) * CELL_M, free)


def _building(
    spec: DoorwaySpec,
    rng: np.random.Generator,
    size: tuple[float, float, float],
    xs: np.ndarray,
    doors: list[Door],
) -> list[Item]:
    """Build floor, walls, ceiling, a lamp in every part of the hall, and the partitions with their doors."""
    length, width, height = size
    floor, wall = spec.sample_surfaces(rng)
    paint, wood = PAINTS[spec.paint.draw(rng)], scale_brightness(WOOD, float(rng.uniform(0.8, 1.4)))
    items = build_shell(Bounds.from_size(length, width), height, floor, wall)
    for name, y in (("left", width / 2 - 0.015), ("right", 0.015 - width / 2)):
        items.append(build_cuboid(f"skirting-{name}", "decor", (length, 0.03, 0.10), (length / 2, y, 0.05), wood))
    items.append(build_cuboid("skirting-end", "decor", (0.03, width, 0.10), (length - 0.015, 0.0, 0.05), wood))
    for number, (x, door) in enumerate(zip(xs.tolist(), doors, strict=True)):
        items += build_wall_with_doors(f"{number}", (x, -width / 2), (x, width / 2), [door], height, paint, wood)
    parts = np.array([0.0, *xs, length])
    return [*items, *build_lamps((parts[1:] + parts[:-1]) / 2, height)]
