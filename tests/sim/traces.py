"""Hand-made worlds and traces that the tests of this folder share."""

from __future__ import annotations

import numpy as np

from scenarios.geometry import Bounds, Pose2D
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import Item, MovingItem, Shape, Sphere, Target, Task, World
from sim.rollout.episode import Episode
from sim.rollout.trace import EpisodeTrace

GOAL = Pose2D(6.0, 0.0)


def make_item(name: str, shape: Shape, x: float, y: float, yaw: float = 0.0, *, role="obstacle", bottom=0.0) -> Item:
    """Make an item that stands on the floor, or ``bottom`` metres above it."""
    z = bottom + shape.height_m / 2
    return Item(name, name.replace("-", " "), shape, Pose2D(x, y, yaw), z, (1.0, 0.0, 0.0, 1.0), role)


def make_world(*items: Item, movers: tuple[MovingItem, ...] = (), conditions=None, others=(), **task) -> World:
    """Make an open floor with a ball, the goal, 6 m ahead of the start, and the given items."""
    ball = make_item("ball", Sphere(0.16), GOAL.x, GOAL.y, role="target")
    goal = Target("ball", "red ball", GOAL, 0.5)
    known = {} if conditions is None else {"conditions": conditions}
    return World(
        scenario="hand-made",
        items=(ball, *items),
        start=Pose2D(0.0, 0.0),
        task=Task(goal, others, **task),
        instruction="go to the red ball",
        bounds_m=Bounds(-4.0, -4.0, 8.0, 4.0),
        clearance_m=0.2,
        movers=movers,
        **known,
    )


def make_trace(poses: np.ndarray, **values) -> EpisodeTrace:
    """Make a trace of poses (t+1, 3) towards the goal; other fields have defaults."""
    steps = len(poses) - 1
    plain = {
        "episode": Episode("hand-made", 1, 0),
        "poses": poses,
        "actions": np.zeros((steps, 3), np.float32),
        "agent_pos": np.zeros((steps + 1, 6), np.float32),
        "snapshots": poses,
        "clearance_m": np.ones(steps + 1),
        "policy_ms": np.ones(steps),
        "call_ms": np.ones(steps),
        "labels": np.zeros((steps, 3), np.float32),
        "to_goal_m": np.maximum(np.hypot(poses[:, 0] - GOAL.x, poses[:, 1] - GOAL.y) - 0.5, 0.0),
        "optimal_m": 5.5,
        "reference": np.array([[0.0, 0.0], [5.5, 0.0]]),
        "progress": np.zeros((steps + 1, 0)),
    }
    return EpisodeTrace(**{**plain, **values})


def poses_of(x=0.0, y=0.0, yaw=0.0, seconds: float = 30.0) -> np.ndarray:
    """Return poses (t+1, 3), from numbers or functions of the time in s."""
    t = np.arange(round(seconds / CONTROL_PERIOD_S) + 1) * CONTROL_PERIOD_S
    return np.stack([value(t) if callable(value) else np.full_like(t, value) for value in (x, y, yaw)], axis=1)
