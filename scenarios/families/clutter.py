"""Clutter: cross a cluttered hall to the named target at its far side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from scenarios.building.free_lane import place_clutter, sample_winding_lane
from scenarios.building.hall import build_hall
from scenarios.families.family import HallSpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.clearance_grid import CELL_M
from scenarios.objects.colours import OBSTACLE_COLOURS, named_rgba
from scenarios.objects.furniture import FURNITURE
from scenarios.objects.items import build_box_item, build_item
from scenarios.objects.targets import place_targets, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Item, World


@dataclass(frozen=True)
class ClutterSpec(HallSpec):
    """The ranges of a cluttered hall."""

    length: Range = Range(8.0, 9.5)
    width: Range = Range(3.4, 4.6)
    height: Range = Range(2.6, 3.2)
    things: IntRange = IntRange(10, 20)
    kinds: Choice[str] = Choice(("box", "crate", "chair", "table", "plant", "suitcase"))
    box_length: Range = Range(0.25, 0.60)
    box_width: Range = Range(0.25, 0.80)
    box_height: Range = Range(0.25, 1.10)
    gap: float = 0.04  # between items, and from them to the walls
    bend_spacing: float = 1.4  # between the bends of the free lane
    start_length: float = 1.2  # free of obstacles, from the wall behind the start
    end_length: float = 1.7  # free of obstacles, at the end, where the targets are
    targets: IntRange = IntRange(2, 3)
    target_spacing: float = 1.35  # between centres: two circles never overlap, and leave room to pass between them
    clearance: float = 0.15  # on each side of the hull, along some path, in every draw
    phrases: Choice[str] = Choice(
        (
            "cross the hall to the {target}",
            "find a way between the things to the {target}",
            "go around the furniture to the {target} on the far side",
            "drive to the {target} at the far end without touching anything",
            "get past all the obstacles and stop at the {target}",
            "navigate to the {target}",
        )
    )
    unseen_phrases: Choice[str] = Choice(
        (
            "work your way over to the {target} without bumping into things",
            "thread through this mess until you arrive at the {target}",
            "the {target} is waiting across the room, steer clear of everything else",
            "pick a path between the objects and end beside the {target}",
            "can you reach the {target} without knocking anything over",
        )
    )


def clutter(spec: ClutterSpec, rng: np.random.Generator) -> World:
    """Sample a hall that can be crossed with the spec's clearance, because its obstacles leave a winding lane free."""
    things = spec.things.draw(rng)  # sampled once, so that rejection doesn't favour empty halls
    return rejection_sample("clutter", lambda: _draw(spec, rng, things))


def _draw(spec: ClutterSpec, rng: np.random.Generator, count: int) -> World | None:
    length, width, height = spec.sample_size(rng)
    bounds, half, last = Bounds.from_size(length, width), width / 2, length - spec.end_length
    end = Bounds(last + 0.4, 0.35 - half, length - 0.35, half - 0.35)
    targets = place_targets(rng, end, spec.targets.draw(rng), spec.target_spacing)
    if targets is None:
        return None
    task = sample_reach_task(rng, [target_region(item, spec.target_radius) for item in targets], time_limit_s=40.0)
    room = half - ROBOT_RADIUS_M - spec.clearance
    items = (*build_hall(rng, bounds, height, *spec.sample_surfaces(rng)), *targets)
    start = Pose2D(0.6, float(rng.uniform(-room, room)), spec.start_yaw.draw(rng))
    world = spec.assemble_world(rng, "clutter", items, start, task, bounds, spec.clearance)
    bends, goal = np.arange(spec.start_length, last, spec.bend_spacing).tolist(), task.goal.pose
    way = sample_winding_lane(rng, (start.x, start.y), bends, room - CELL_M, (goal.x, goal.y))
    things = [partial(_thing, spec, rng, number) for number in range(count)]
    ground = Bounds(spec.start_length, spec.gap - half, last, half - spec.gap)
    standing = place_clutter(rng, world, things, ground, spec.gap, way)
    return None if standing is None else replace(world, items=(*items, *standing))


def _thing(spec: ClutterSpec, rng: np.random.Generator, number: int) -> Item:
    """Sample one obstacle, not yet in its place."""
    kind, colour = spec.kinds.draw(rng), OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
    pose = Pose2D(0.0, 0.0)
    if kind == "box":
        return build_box_item(
            number, colour, (spec.box_length.draw(rng), spec.box_width.draw(rng), spec.box_height.draw(rng)), pose
        )
    return build_item(f"{kind}-{number}", colour, kind, FURNITURE[kind](rng, named_rgba(colour)), pose)
