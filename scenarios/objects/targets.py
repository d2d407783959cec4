"""Targets: named items, their places, and the task to reach one of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import TARGET_COLOURS
from scenarios.objects.items import build_item
from scenarios.ranges import draw_distinct
from scenarios.world import Cone, Cylinder, Item, Shape, Sphere, Target, Task

TARGET_SHAPES: dict[str, Shape] = {
    "ball": Sphere(0.16),
    "cone": Cone(0.17, 0.46),
    "barrel": Cylinder(0.15, 0.40),
}
TARGET_KINDS = tuple((colour, shape) for colour in TARGET_COLOURS for shape in TARGET_SHAPES)
TRIES = 40


def build_target_item(number: int, kind: tuple[str, str], pose: Pose2D) -> Item:
    """Build a target of a kind (colour, shape) at a pose."""
    colour, name = kind
    return build_item(f"target-{number}", colour, name, TARGET_SHAPES[name], pose, "target")


def place_targets(rng: np.random.Generator, bounds_m: Bounds, count: int, spacing_m: float) -> list[Item] | None:
    """Place targets of different kinds in an area; return None if there is too little room.

    Args:
        bounds_m: The area that contains their centres.
        spacing_m: Smallest distance between their centres.
    """
    return place_targets_by(rng, partial(_anywhere, rng, bounds_m), count, spacing_m)


def _anywhere(rng: np.random.Generator, bounds_m: Bounds) -> Pose2D:
    x_min, y_min, x_max, y_max = bounds_m
    return Pose2D(float(rng.uniform(x_min, x_max)), float(rng.uniform(y_min, y_max)))


def place_targets_by(
    rng: np.random.Generator,
    draw_place: Callable[[], Pose2D],
    count: int,
    spacing_m: float,
    min_count: int | None = None,
) -> list[Item] | None:
    """Place targets of different kinds at sampled places; return None if too few find room.

    Args:
        draw_place: Samples a place.
        spacing_m: Smallest distance between their centres.
        min_count: Smallest acceptable number, if the next target finds no room; by default ``count``.
    """
    items: list[Item] = []
    for number, kind in enumerate(draw_distinct(rng, TARGET_KINDS, count)):
        for _ in range(TRIES):
            pose = draw_place()
            if all(math.dist((pose.x, pose.y), (o.pose.x, o.pose.y)) >= spacing_m for o in items):
                items.append(build_target_item(number, kind, pose))
                break
        else:
            return None if len(items) < (count if min_count is None else min_count) else items
    return items


def target_region(item: Item, radius_m: float, where: str = "") -> Target:
    """Return the target region around an item; ``where`` tells the item from others of its kind."""
    return Target(item.name, item.label + where, item.pose, radius_m)


def sample_reach_task(
    rng: np.random.Generator, places: Sequence[Target], time_limit_s: float = Task.time_limit_s
) -> Task:
    """Sample the task to reach one of several targets and none of the others."""
    named = int(rng.integers(len(places)))
    return Task(places[named], (*places[:named], *places[named + 1 :]), time_limit_s)
