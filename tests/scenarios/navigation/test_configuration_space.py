"""Grown obstacles contain, block and meet what point samples of the true clearance say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messy_worlds import draw_messy_room, make_obstacle, make_room

from scenarios.geometry import Pose2D
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Cylinder, PassingSide, Target, World

NEAR_M = 1e-3  # closer to an outline than this, samples don't decide
seeds = st.integers(0, 10_000)


def make_space(seed: int) -> tuple[World, ConfigurationSpace]:
    """Return a room with obstacles only, and its configuration space."""
    world = make_room(*draw_messy_room(seed).items)
    return world, ConfigurationSpace.from_world(world)


@settings(max_examples=15, derandomize=True)
@given(seeds)
def test_a_point_is_contained_where_the_hull_would_overlap_an_obstacle(seed: int) -> None:
    world, space = make_space(seed)
    points = np.random.default_rng(seed).uniform((-1.0, -2.5), (7.0, 2.5), (500, 2))
    clearance = ObstacleOutlines(world).clearance(points)
    decided = np.abs(clearance) > NEAR_M
    assert np.array_equal(space.contains(points).any(axis=1)[decided], clearance[decided] < 0.0)


@settings(max_examples=15, derandomize=True)
@given(seeds)
def test_a_line_is_blocked_where_the_hull_would_overlap_an_obstacle_on_it(seed: int) -> None:
    world, space = make_space(seed)
    begins, ends = np.random.default_rng(seed).uniform((-1.0, -2.5), (7.0, 2.5), (2, 60, 2))
    points = begins + np.linspace(0.0, 1.0, 900)[:, None, None] * (ends - begins)
    least = ObstacleOutlines(world).clearance(points).min(axis=0)
    decided = np.abs(least) > NEAR_M
    assert np.array_equal(space.blocks(begins, ends).any(axis=1)[decided], least[decided] < 0.0)


@settings(max_examples=15, derandomize=True)
@given(seeds)
def test_a_circle_meets_outlines_in_free_points_of_both(seed: int) -> None:
    world, space = make_space(seed)
    centre = np.array([3.0, 0.0])
    points = space.find_outline_points(centre, 0.8)
    assert np.hypot(*(points - centre).T) == pytest.approx(np.full(len(points), 0.8))
    assert ObstacleOutlines(world).clearance(points) == pytest.approx(np.zeros(len(points)), abs=1e-6)
    around = np.linspace(0.0, math.tau, 2001)
    ring = ObstacleOutlines(world).clearance(centre + 0.8 * np.stack([np.cos(around), np.sin(around)], axis=1))
    inside_bounds = space.is_within_bounds(centre + 0.8 * np.stack([np.cos(around), np.sin(around)], axis=1))
    assert inside_bounds.all()
    assert len(points) >= np.count_nonzero(np.diff(np.sign(ring)))


def test_a_box_has_four_circles_and_a_round_obstacle_one() -> None:
    box, round_one = (
        make_obstacle("box", Box((1.0, 0.4, 1.0)), 2.0, 0.0, 0.5),
        make_obstacle("round", Cylinder(0.3, 1.0), 4.0, 1.0),
    )
    circles = ConfigurationSpace.from_world(make_room(box, round_one)).circles()
    assert circles.radii == pytest.approx(np.array([ROBOT_RADIUS_M] * 4 + [0.3 + ROBOT_RADIUS_M]))
    corners = box.pose.to_world(np.array([(0.5, 0.2), (-0.5, 0.2), (-0.5, -0.2), (0.5, -0.2)]))
    assert circles.centres == pytest.approx(np.concatenate([corners, [(4.0, 1.0)]]))


def test_wrong_targets_and_the_line_on_the_wrong_side_are_obstacles() -> None:
    wrong = Target("wrong", "blue cone", Pose2D(3.0, 1.0), 0.5)
    side = PassingSide("left", ((2.0, 0.0), (2.0, 2.0)), ((2.0, 0.0), (2.0, -2.0)))
    space = ConfigurationSpace.from_world(make_room(others=(wrong,), side=side))
    begins = np.array([(1.0, -1.0), (1.0, 0.5), (3.0, 0.0)])
    ends = np.array([(3.0, -1.0), (2.2, 0.5), (3.0, 0.6)])
    assert space.blocks(begins, ends).any(axis=1).tolist() == [True, False, True]
    assert space.lines().size == 1


def test_chosen_obstacles_block_what_they_blocked_among_all() -> None:
    _, space = make_space(3)
    chosen = np.arange(space.size) % 2 == 0
    begins, ends = np.random.default_rng(0).uniform((-1.0, -2.5), (7.0, 2.5), (2, 40, 2))
    assert np.array_equal(space.select(chosen).blocks(begins, ends), space.blocks(begins, ends)[:, chosen])
