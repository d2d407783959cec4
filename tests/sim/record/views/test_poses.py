from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.navigation.ray_casting import place_blocking_items
from scenarios.registry import SCENARIOS
from sim.record.views.poses import ViewSampler


@pytest.mark.parametrize("family", sorted(SCENARIOS))
def test_a_robot_has_room_in_every_pose(family: str) -> None:
    world = SCENARIOS[family].world(2000, 1)
    sampler, bounds = ViewSampler(world, np.random.default_rng(0)), world.bounds_m
    for _ in range(30):
        pose, progress = sampler.draw()
        assert ObstacleOutlines(world, place_blocking_items(world, progress)).clearance(pose[:2]) > 0.0
        assert bounds.x_min < pose[0] < bounds.x_max
        assert len(progress) == len(world.movers)


def test_poses_look_everywhere_and_most_at_the_goal() -> None:
    world = SCENARIOS["clutter"].world(2000, 0)
    sampler = ViewSampler(world, np.random.default_rng(0))
    poses = np.array([sampler.draw().pose for _ in range(200)])
    goal = np.array(world.task.goal.pose.xy)
    facing = np.arctan2(*(goal - poses[:, :2]).T[::-1]) - poses[:, 2]
    assert 0.35 < (np.cos(facing) > math.cos(0.6)).mean() < 0.8
    assert (np.cos(poses[:, 2]) < 0.0).mean() > 0.1


def test_equal_draws_give_equal_poses() -> None:
    world = SCENARIOS["crossing"].world(2000, 0)
    one, other = (ViewSampler(world, np.random.default_rng(3)).draw() for _ in range(2))
    assert np.array_equal(one.pose, other.pose)
    assert one.progress == other.progress
