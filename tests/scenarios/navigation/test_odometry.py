"""Laws of odometry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.world import Target, Task, World

GOAL = Target("ball", "red ball", Pose2D(3.0, 4.0), 0.5)
WORLD = World("test", (), Pose2D(0.0, 0.0), Task(GOAL), "go", Bounds(0.0, -5.0, 5.0, 5.0), 0.1)
coordinates = st.floats(-9.0, 9.0)
poses = st.builds(Pose2D, coordinates, coordinates, st.floats(-math.pi, math.pi))


def test_what_was_driven_ahead_counts_from_where_the_start_faces():
    world = replace(WORLD, start=Pose2D(1.0, 2.0, math.pi / 2))
    found = pose_from_odometry(world, np.array([0, 0, 0, 3, 0.5, 0.1]))
    assert found == pytest.approx([0.5, 5.0, math.pi / 2 + 0.1])


@given(poses, poses)
def test_a_pose_comes_back_from_the_odometry_that_it_makes(start, pose):
    world = replace(WORLD, start=start)
    odometry = np.array([0.0, 0.0, 0.0, *start.to_local(pose.xy), pose.yaw - start.yaw])
    x, y, yaw = pose_from_odometry(world, odometry)
    assert (x, y) == pytest.approx(pose.xy, abs=1e-9)
    assert math.remainder(yaw - pose.yaw, math.tau) == pytest.approx(0.0, abs=1e-9)
    assert abs(yaw) <= math.pi
