"""Conversion of odometry to the pose in the world."""

from __future__ import annotations

import math

import numpy as np

from scenarios.world import World


def pose_from_odometry(world: World, agent_pos: np.ndarray) -> np.ndarray:
    """Compute the pose (3,) in the world from the start pose and the odometry in ``agent_pos`` (6,): x m, y m, yaw rad.

    The odometry is the robot's displacement ahead of and to the left of the start pose, and its change in yaw.
    """
    moved, turned = np.asarray(agent_pos[3:5], np.float64), float(agent_pos[5])
    start = world.start
    return np.array([*start.to_world(moved), math.remainder(start.yaw + turned, math.tau)])
