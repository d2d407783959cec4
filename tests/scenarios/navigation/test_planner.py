"""Shortest paths are short, clear of things, and answer from anywhere."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import KEPT_PLANNERS, Planner
from scenarios.world import Box, Item, Target, Task, World

GREY = (0.5, 0.5, 0.5, 1.0)


def _room(*items: Item) -> World:
    wall = Item("far", "far", Box((0.2, 0.2, 1.0)), Pose2D(30.0, 30.0), 0.5, GREY, "wall")
    goal = Target("goal", "red cone", Pose2D(4.0, 0.0), 0.5)
    return World("test", (wall, *items), Pose2D(0.0, 0.0), Task(goal), "go", Bounds(-1.0, -3.0, 5.0, 3.0), 0.1)


def test_an_empty_room_is_crossed_in_a_straight_line() -> None:
    planner = Planner(_room())
    assert planner.optimal_m == pytest.approx(3.5)
    assert planner.distance_to_goal(np.zeros(2)) == pytest.approx(3.5, abs=0.06)


def test_a_box_in_the_way_costs_what_geometry_says() -> None:
    box = Item("box", "box", Box((0.4, 1.2, 1.0)), Pose2D(2.0, 0.0), 0.5, GREY, "obstacle")
    planner = Planner(_room(box))
    over_the_corner = math.hypot(1.8 - 0.14, 0.6 + 0.14)  # touching the inflated corner from the start, roughly
    assert 3.5 + 0.2 < planner.optimal_m < 2 * over_the_corner + 0.4
    assert min(planner.clearance(point) for point in planner.path_from(np.zeros(2))) > 0.1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 500), st.floats(0, 1), st.floats(0, 1))
def test_from_anywhere_free_a_path_leads_to_the_goal(episode: int, u: float, v: float) -> None:
    world = get_scenario("corridor").world(77, episode)
    planner = Planner(world)
    x_min, y_min, x_max, y_max = world.bounds_m
    path = planner.path_from(np.array([x_min + u * (x_max - x_min), y_min + v * (y_max - y_min)]))
    goal = world.task.goal
    assert math.dist(path[-1], (goal.pose.x, goal.pose.y)) <= goal.radius_m + 0.05
    assert np.all(np.hypot(*np.diff(path, axis=0).T) < 0.08)


def test_the_optimal_path_is_no_longer_than_the_grids_and_at_most_8_percent_shorter() -> None:
    for episode in range(5):
        planner = Planner(get_scenario("corridor").world(77, episode))
        grid_m = planner.distance_to_goal(planner.start)
        assert 0.92 * grid_m - 0.05 <= planner.optimal_m <= grid_m + 0.05


def test_a_start_in_contact_has_the_grids_length() -> None:
    planner = Planner(_room(Item("box", "box", Box((0.4, 1.2, 1.0)), Pose2D(0.3, 0.0), 0.5, GREY, "obstacle")))
    assert planner.clearance(np.zeros(2)) < 0.0
    assert planner.optimal_m == pytest.approx(planner.distance_to_goal(np.zeros(2)))
    assert 3.0 < planner.optimal_m < 5.0


def test_distance_falls_along_the_path() -> None:
    planner = Planner(get_scenario("corridor").world(77, 3))
    path = planner.path_from(planner.start)
    distances = [planner.distance_to_goal(point) for point in path[::10]]
    assert distances[-1] < 0.6
    assert all(b < a for a, b in itertools.pairwise(distances))


def test_a_robot_that_touches_a_box_has_no_longer_way_than_beside_it() -> None:
    box = Item("box", "box", Box((0.4, 1.2, 1.0)), Pose2D(2.0, 0.0), 0.5, GREY, "obstacle")
    planner = Planner(_room(box))
    touching, beside = np.array([1.62, 0.0]), np.array([1.5, 0.0])  # hull at the box, and 0.1 m before it
    assert planner.clearance(touching) < 0.0
    assert planner.distance_to_goal(touching) == pytest.approx(planner.distance_to_goal(beside), abs=0.25)


def test_of_the_planners_to_a_moving_goal_few_are_kept_and_each_answers_as_a_new_one() -> None:
    world = get_scenario("pursuit").world(77, 0)
    planner = Planner(world)
    way = [0.3 * step for step in range(20)]
    for metres in (*way, *way[::-5]):  # there, and back to goals that were forgotten
        progress = [metres] * len(world.movers)
        toward, new = planner.at_progress(progress), Planner(world).at_progress(progress)
        assert toward.goal == new.goal
        assert toward.distance_to_goal(planner.start) == new.distance_to_goal(planner.start)
        assert np.array_equal(toward.aim_from(planner.start), new.aim_from(planner.start))
        assert planner.at_progress(progress) is toward
        assert len(planner._planners) <= KEPT_PLANNERS
