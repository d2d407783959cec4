"""From odometry to the pose in the world."""

from __future__ import annotations

import math

import numpy as np

from scenarios.world import World


def pose_from_odometry(world: World, agent_pos: np.ndarray) -> np.ndarray:
    """Compute the pose (3,) in the world from the start pose and the odometry in ``agent_pos`` (6,): x m, y m, yaw rad.

    The odometry is how far ahead of the start the robot is, how far to its left, and by how much it has turned.
    """
    moved, turned = np.asarray(agent_pos[3:5], np.float64), float(agent_pos[5])
    start = world.start
    return np.array([*start.to_world(moved), math.remainder(start.yaw + turned, math.tau)])
