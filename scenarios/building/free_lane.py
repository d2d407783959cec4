"""Cluttered ground with one winding free lane."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.navigation.clearance_grid import CELL_M, ObstacleOutlines
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Item, World, hull_shape

SHAPE_TRIES, PLACE_TRIES = 10, 8  # per item
STEP_M = 0.05  # along the lane
FOOTPRINT_POINTS = np.stack(np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9)), axis=-1).reshape(
    -1, 2
)  # (81, 2)


def sample_winding_lane(
    rng: np.random.Generator, start: Point, bends: Sequence[float], room: float, end: Point
) -> np.ndarray:
    """Sample a path (k, 2) in small steps that bends left and right.

    Args:
        bends: x of each bend, metres.
        room: Largest distance of a bend from y = 0, metres.
    """
    xs = np.array([start[0], *bends, end[0]])
    ys = np.concatenate([[start[1]], rng.uniform(-room, room, len(xs) - 2), [end[1]]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
    steps = np.linspace(0.0, along[-1], math.ceil(along[-1] / STEP_M))
    return np.stack([np.interp(steps, along, xs), np.interp(steps, along, ys)], axis=-1)


def place_clutter(
    rng: np.random.Generator,
    world: World,
    things: Sequence[Callable[[], Item]],
    bounds_m: Bounds,
    gap_m: float,
    way: np.ndarray,
) -> list[Item] | None:
    """Place items that touch nothing and leave a path free; return None if one of them finds no room.

    Args:
        world: The world with its fixed items and the clearance that the path keeps.
        things: Functions that each sample one item, not yet in its place.
        bounds_m: The area that the items may cover.
        gap_m: Smallest distance between items, and to the fixed ones.
        way: (k, 2) points of the path.
    """
    items: list[Item] = []
    for draw in things:
        item = _place_one(rng, world, draw, bounds_m, gap_m, ObstacleOutlines(world, items), way)
        if item is None:
            return None
        items.append(item)
    return items


def _place_one(
    rng: np.random.Generator,
    world: World,
    draw: Callable[[], Item],
    bounds_m: Bounds,
    gap_m: float,
    standing: ObstacleOutlines,
    way: np.ndarray,
) -> Item | None:
    """Place one more item where there is room for it; return None if there is none."""
    low, high = np.array(bounds_m[:2]), np.array(bounds_m[2:])
    for _ in range(SHAPE_TRIES):
        thing = draw()
        for x, y, turn in rng.uniform((*low, -math.pi), (*high, math.pi), size=(PLACE_TRIES, 3)).tolist():
            item = replace(thing, pose=Pose2D(x, y, turn))
            plan = _footprint_points(item)
            if (
                np.all((plan >= low) & (plan <= high))
                and ObstacleOutlines(world, [item]).clearance(way).min()
                >= world.clearance_m + CELL_M  # a cell's centre may be beside the path
                and standing.clearance(plan).min() >= gap_m - ROBOT_RADIUS_M
            ):
                return item
    return None


def _footprint_points(item: Item) -> np.ndarray:
    """Return points (81, 2) that cover the floor plan of an item's hull, or the square around a round hull."""
    shape, pose = hull_shape(item.shape), item.pose
    half = np.array(shape.size_m[:2]) / 2 if isinstance(shape, Box) else np.full(2, shape.radius_m)
    return pose.to_world(FOOTPRINT_POINTS * half)
