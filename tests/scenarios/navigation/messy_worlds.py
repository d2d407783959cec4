"""Worlds for tests of paths: an empty room, and rooms full of overlapping things."""

from __future__ import annotations

import numpy as np

from scenarios.geometry import Bounds, Pose2D
from scenarios.world import Box, Cylinder, Item, PassingSide, Target, Task, World

GREY = (0.5, 0.5, 0.5, 1.0)
GOAL = Target("goal", "red cone", Pose2D(4.0, 0.0), 0.5)


def make_obstacle(name: str, shape: Box | Cylinder, x: float, y: float, yaw: float = 0.0) -> Item:
    """Return a grey obstacle."""
    return Item(name, name, shape, Pose2D(x, y, yaw), 0.5, GREY, "obstacle")


def make_room(*items: Item, goal: Target = GOAL, others: tuple[Target, ...] = (), **task) -> World:
    """Return a room of 8 m by 5 m with a goal, 4 m ahead of the start by default, and the given items."""
    task = Task(goal, others, **task)
    return World("test", items, Pose2D(0.0, 0.0), task, "go", Bounds(-1.0, -2.5, 7.0, 2.5), 0.1)


def draw_messy_room(seed: int) -> World:
    """Sample up to 13 obstacles anywhere; in some rooms a line must not be crossed or there is a wrong target."""
    rng = np.random.default_rng(seed)
    items = []
    for number in range(rng.integers(1, 14)):
        x, y = float(rng.uniform(0.0, 6.0)), float(rng.uniform(-2.0, 2.0))
        if rng.random() < 0.6:
            shape = Box((*rng.uniform(0.1, 1.5, 2).tolist(), 1.0))
            items.append(make_obstacle(f"box-{number}", shape, x, y, float(rng.choice([0.0, rng.uniform(-3.0, 3.0)]))))
        else:
            items.append(make_obstacle(f"round-{number}", Cylinder(float(rng.uniform(0.05, 0.5)), 1.0), x, y))
    place = Pose2D(float(rng.uniform(4.0, 6.0)), float(rng.uniform(-2.0, 2.0)))
    goal = Target("goal", "red cone", place, float(rng.uniform(0.2, 1.0)))
    side = PassingSide("left", ((3.0, 0.0), (3.0, 2.0)), ((3.0, 0.0), (3.0, -2.0)))
    wrong = Target("wrong", "blue cone", Pose2D(float(rng.uniform(1.2, 4.0)), float(rng.uniform(-2.0, 2.0))), 0.5)
    return make_room(
        *items, goal=goal, others=(wrong,) * int(rng.random() < 0.4), side=side if rng.random() < 0.3 else None
    )
