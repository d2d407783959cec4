"""Shortest paths are as long as geometry says, free of obstacles, and no longer than those found another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dense_paths import has_gap_in_doubt, is_free, measure_dense_path
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from messy_worlds import GOAL, draw_messy_room, make_obstacle, make_room

from scenarios.geometry import Pose2D
from scenarios.lookup import get_scenario
from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.shortest_path import ShortestPath, find_shortest_path
from scenarios.registry import SCENARIOS
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Cylinder, PassingSide, Target, World

STANDING = [name for name in SCENARIOS if get_scenario(name).world(9931, 0).goal_mover is None]
ARC_DEPTH_M = 0.05  # the points of a path on an arc are this far from the straight lines between them at most
WITHIN = 0.005


def find_path(world: World) -> ShortestPath:
    """Return the shortest path of a world whose goal stands still."""
    goal = world.task.goal
    return find_shortest_path(ConfigurationSpace.from_world(world), world.start.xy, goal.pose.xy, goal.radius_m)


def check_path(world: World, path: ShortestPath) -> None:
    """Check that a path is free, ends in the goal's circle, is as long as it says, and as short as another way's."""
    goal = world.task.goal
    assert is_free(world, path.points, path.points, 1e-5).all()
    assert is_free(world, path.points[:-1], path.points[1:], ARC_DEPTH_M).all()
    assert math.dist(path.points[-1], goal.pose.xy) <= goal.radius_m + 1e-6
    chords_m = float(np.hypot(*np.diff(path.points, axis=0).T).sum())
    assert chords_m - 1e-6 <= path.length_m <= 1.01 * chords_m + 1e-6
    assert path.length_m == pytest.approx(measure_dense_path(world, 1.02 * path.length_m + 0.02), rel=WITHIN)


def test_nothing_in_the_way_is_a_straight_line_to_the_circle() -> None:
    path = find_path(make_room(make_obstacle("aside", Box((0.4, 0.4, 1.0)), 2.0, 1.5)))
    assert path.length_m == pytest.approx(3.5)
    assert path.points == pytest.approx(np.array([(0.0, 0.0), (3.5, 0.0)]))


def test_a_start_within_the_goals_circle_has_no_way_to_go() -> None:
    assert find_path(make_room(goal=Target("goal", "cone", Pose2D(0.3, 0.2), 0.5))).length_m == 0.0


@pytest.mark.parametrize("radius_m", [0.05, 0.3, 0.6])
def test_the_way_round_a_circle_is_two_tangents_and_an_arc(radius_m: float) -> None:
    grown = radius_m + ROBOT_RADIUS_M
    tangent = math.sqrt(2.0**2 - grown**2)
    arc = grown * (math.pi - 2.0 * math.acos(grown / 2.0))
    path = find_path(make_room(make_obstacle("round", Cylinder(radius_m, 1.0), 2.0, 0.0)))
    assert path.length_m == pytest.approx(2.0 * tangent + arc - GOAL.radius_m, abs=1e-9)


@pytest.mark.parametrize("yaw", [0.0, math.pi / 2])
def test_the_way_round_a_box_is_tangents_arcs_on_two_corners_and_its_side(yaw: float) -> None:
    length, width = 0.8, 1.2  # along and across the way
    shape = Box((length, width, 1.0) if yaw == 0.0 else (width, length, 1.0))
    # From the start to the nearer corner's circle, whose tangent on is level with the box's side.
    ahead, left, radius_m = 2.0 - length / 2, width / 2, ROBOT_RADIUS_M
    away, course = math.hypot(ahead, left), math.atan2(left, ahead)
    climb = course + math.asin(radius_m / away)
    expected = 2.0 * (math.sqrt(away**2 - radius_m**2) + radius_m * climb) + length - GOAL.radius_m
    path = find_path(make_room(make_obstacle("box", shape, 2.0, 0.0, yaw)))
    assert path.length_m == pytest.approx(expected, abs=1e-9)


def test_a_wrong_targets_circle_and_the_line_on_the_wrong_side_are_gone_round() -> None:
    wrong = Target("wrong", "blue cone", Pose2D(2.0, 0.0), 0.5)
    tangent, arc = math.sqrt(4.0 - 0.25), 0.5 * (math.pi - 2.0 * math.acos(0.25))
    assert find_path(make_room(others=(wrong,))).length_m == pytest.approx(2.0 * tangent + arc - 0.5, abs=1e-9)
    side = PassingSide("left", ((2.0, 1.0), (2.0, 2.4)), ((2.0, 1.0), (2.0, -2.4)))
    assert find_path(make_room(side=side)).length_m == pytest.approx(2.0 * math.hypot(2.0, 1.0) - 0.5, abs=2e-3)


def test_a_flat_wall_into_the_goals_circle_is_followed_to_where_they_meet() -> None:
    goal = Target("goal", "red cone", Pose2D(4.0, -0.45), 0.5)  # the straight way there is behind the wall's face
    wall = make_obstacle("wall", Box((2.0, 0.6, 1.0)), 4.0, -0.7)
    path = find_path(make_room(wall, goal=goal))
    assert path.points[-1][1] == pytest.approx(-0.2, abs=1e-6)
    assert path.points[-1][0] == pytest.approx(4.0 - math.sqrt(0.5**2 - 0.25**2), abs=1e-6)
    check_path(make_room(wall, goal=goal), path)


def test_behind_walls_all_round_there_is_no_path() -> None:
    walls = [
        make_obstacle(f"wall-{number}", Box((2.4, 0.2, 1.0)), 4.0 + x, y, yaw)
        for number, (x, y, yaw) in enumerate([(0, 1, 0), (0, -1, 0), (1, 0, math.pi / 2), (-1, 0, math.pi / 2)])
    ]
    assert find_path(make_room(*walls)).length_m == math.inf


@pytest.mark.parametrize("name", STANDING)
@settings(max_examples=5, derandomize=True)
@given(st.integers(0, 500))
def test_paths_of_every_family_are_free_and_as_short_as_those_found_another_way(name: str, episode: int) -> None:
    world = get_scenario(name).world(9931, episode)
    check_path(world, find_path(world))


@settings(max_examples=20, derandomize=True)
@given(st.integers(0, 10_000))
@example(37)  # round the free end of the line
@example(17)  # an arc that would cross the line
@example(4)  # into the circle along an arc
def test_paths_among_overlapping_obstacles_are_free_and_as_short_as_those_found_another_way(seed: int) -> None:
    world = draw_messy_room(seed)
    assume(is_free(world, np.zeros((1, 2)), np.zeros((1, 2)), 0.0)[0])
    assume(not has_gap_in_doubt(world))
    path = find_path(world)
    if math.isfinite(path.length_m):
        check_path(world, path)
    else:
        assert measure_dense_path(world, 20.0) == math.inf
