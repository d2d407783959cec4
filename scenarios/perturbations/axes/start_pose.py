"""Start pose: a shifted and rotated start."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scenarios.geometry import Pose2D
from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.perturbations.free_space import FreeSpace
from scenarios.world import World

SHIFT_M = (0.0, 0.15, 0.30, 0.50)  # by level, in a random direction
TURN_DEG = (0.0, 15.0, 30.0, 60.0)  # to the left or to the right
MAX_SHIFT_M = SHIFT_M[-1] + 0.05  # no start is ever farther off
DIRECTIONS = 32  # tried in turn until a shifted start is valid
SHIFT_SHARES = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)  # tried if no direction has enough room


def _start_pose(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    turn = math.radians(TURN_DEG[level]) * (1.0 if rng.random() < 0.5 else -1.0)
    bearings = rng.uniform(-math.pi, math.pi, DIRECTIONS)
    ground, start = FreeSpace(base, MAX_SHIFT_M), base.start
    for share in SHIFT_SHARES:
        for bearing in bearings:
            away = share * SHIFT_M[level]
            x, y = start.x + away * math.cos(bearing), start.y + away * math.sin(bearing)
            if away == 0.0 or ground.is_valid_start(x, y):
                return replace(world, start=Pose2D(x, y, math.remainder(start.yaw + turn, math.tau)))
    raise AssertionError("unreachable: the last share keeps the start, which is always valid")


AXIS = PerturbationAxis(
    "start-pose",
    "the start is shifted and rotated",
    describe_levels(
        lambda level: f"shifted by {SHIFT_M[level]:g} m where there is room, rotated by {TURN_DEG[level]:g} deg"
    ),
    _start_pose,
)
