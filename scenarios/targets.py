"""Named things to drive up to, spread over some ground."""

from __future__ import annotations

import math

import numpy as np

from scenarios.corridor import TARGET_SHAPES
from scenarios.palette import TARGET_COLOURS, rgba
from scenarios.ranges import draw_distinct
from scenarios.world import Item, Pose2

KINDS = tuple((colour, shape) for colour in TARGET_COLOURS for shape in TARGET_SHAPES)
TRIES = 40


def target(number: int, kind: tuple[str, str], pose: Pose2) -> Item:
    """A target of a kind (colour, shape) where it stands."""
    colour, name = kind
    shape = TARGET_SHAPES[name]
    return Item(f"target-{number}", f"{colour} {name}", shape, pose, shape.height_m / 2, rgba(colour), "target")


def spread(
    rng: np.random.Generator, bounds_m: tuple[float, float, float, float], count: int, spacing_m: float
) -> list[Item] | None:
    """Targets of different kinds on some ground; None if so many find no room.

    Args:
        bounds_m: (x_min, y_min, x_max, y_max) that their centres stand in.
        spacing_m: Between their centres, at least.
    """
    x_min, y_min, x_max, y_max = bounds_m
    items: list[Item] = []
    for number, kind in enumerate(draw_distinct(rng, KINDS, count)):
        for _ in range(TRIES):
            pose = Pose2(float(rng.uniform(x_min, x_max)), float(rng.uniform(y_min, y_max)))
            if all(math.dist((pose.x, pose.y), (o.pose.x, o.pose.y)) >= spacing_m for o in items):
                items.append(target(number, kind, pose))
                break
        else:
            return None
    return items
