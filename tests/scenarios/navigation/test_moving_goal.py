"""With a moving goal, no drive that succeeds is shorter than the shortest way, or faster than the earliest success."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from dense_paths import is_free
from messy_worlds import make_obstacle, make_room

from envs.simulation.task_monitor import TaskMonitor
from scenarios.geometry import Point, Pose2D
from scenarios.lookup import get_scenario
from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.moving_goal import (
    FULL_SPEED_MPS,
    SLACK_S,
    GoalTrack,
    find_earliest_success,
    measure_shortest_way,
)
from scenarios.navigation.shortest_path import find_shortest_path
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import Box, Item, MovingItem, Route, Sphere, Target, World

GREY = (0.5, 0.5, 0.5, 1.0)
RADIUS_M = 0.5


def make_chase(points: tuple[Point, ...], speed_mps: float, *items: Item, **task) -> World:
    """Return a room whose goal moves along a polyline."""
    goal = Target("ball", "red ball", Pose2D(*points[0]), RADIUS_M)
    ball = Item("ball", "red ball", Sphere(0.1), goal.pose, 0.1, GREY, "target")
    world = make_room(ball, *items, goal=goal, **task)
    return replace(world, movers=(MovingItem("ball", Route(points, speed_mps), yields=False),))


def measure_way(world: World) -> float:
    """Return the length of the shortest way."""
    return measure_shortest_way(world, ConfigurationSpace.from_world(world))


def test_who_only_has_to_meet_the_goal_may_wait_until_it_is_nearest() -> None:
    world = make_chase(((3.0, -2.0), (3.0, 2.0)), 0.5)
    assert measure_way(world) == pytest.approx(3.0 - RADIUS_M, abs=1e-3)


def test_a_goal_that_comes_back_is_not_followed_on_its_way_out() -> None:
    world = make_chase(((1.0, 0.0), (6.0, 0.0)), 0.5, time_limit_s=40.0)
    assert measure_way(world) == pytest.approx(0.5, abs=0.2)


def test_a_goal_that_goes_straight_on_is_followed_to_the_edge_of_its_last_circle() -> None:
    world = make_chase(((2.0, 0.0), (6.5, 0.0)), 0.5, hold_m=3.0, time_limit_s=8.0)
    met_s = (2.0 - RADIUS_M) / (FULL_SPEED_MPS - 0.5)  # the later, the longer
    expected = 2.0 + 0.5 * met_s + 3.0 - RADIUS_M
    assert measure_way(world) == pytest.approx(expected, abs=0.5 * (SLACK_S + CONTROL_PERIOD_S))
    assert measure_way(world) <= expected


def test_a_stretch_that_fits_into_the_circle_is_waited_for() -> None:
    world = make_chase(((3.0, -2.0), (3.0, 2.0)), 0.5, hold_m=0.8)
    assert measure_way(world) == pytest.approx(3.0 - math.sqrt(RADIUS_M**2 - 0.4**2), abs=5e-3)


def test_a_wall_on_the_way_to_the_goal_is_gone_round() -> None:
    wall = make_obstacle("wall", Box((0.2, 3.0, 1.0)), 1.5, 0.0)
    free, behind = (make_chase(((4.0, -1.0), (4.0, 1.0)), 0.5, *items, hold_m=0.5) for items in ((), (wall,)))
    assert 2.0 * math.hypot(1.5, 1.5) - RADIUS_M < measure_way(behind) < measure_way(free) + 2.5


def test_a_goal_that_stands_still_has_no_track() -> None:
    with pytest.raises(ValueError, match="doesn't move"):
        GoalTrack.from_world(make_room())


def drive(world: World, goals: np.ndarray, first: int, keep_m: float) -> float:
    """Drive into the goal's circle at a time, then stay at most ``keep_m`` from it; return the length of a success.

    Infinite if the drive isn't free, isn't possible at full speed, or doesn't succeed.

    Args:
        goals: (t, 2) the goal's positions, a control period apart.
        first: Number of the position at the meeting.
    """
    goal, space = world.task.goal, ConfigurationSpace.from_world(world)
    path = find_shortest_path(space, world.start.xy, tuple(goals[first]), goal.radius_m)
    if path.length_m > FULL_SPEED_MPS * first * CONTROL_PERIOD_S:
        return math.inf
    monitor = TaskMonitor(
        replace(world.task, stuck_after_s=math.inf, decoys=()), world.start.xy, tuple(goals[0]), CONTROL_PERIOD_S
    )
    for place in goals[1:first]:
        monitor.update(world.start.xy, tuple(place), None)
    driven = [path.points[-1]]
    while monitor.status is None:
        place = goals[first + len(driven) - 1]
        line = driven[-1] - place
        driven.append(place + line * min(1.0, keep_m / max(float(np.hypot(*line)), 1e-9)))
        monitor.update(tuple(driven[-1]), tuple(place), None)
    points = np.concatenate([path.points, driven])
    if monitor.status != "success" or not is_free(world, points[:-1], points[1:], 0.05).all():
        return math.inf
    return path.length_m + float(np.hypot(*np.diff(driven, axis=0).T).sum())


@pytest.mark.parametrize("episode", range(4))
def test_no_drive_that_succeeds_in_a_pursuit_is_shorter_and_some_are_hardly_longer(episode: int) -> None:
    world = get_scenario("pursuit").world(9931, episode)
    route, along = world.movers[world.goal_index].route, [world.movers[world.goal_index].route.start_m]
    for _ in range(round(world.task.time_limit_s / CONTROL_PERIOD_S)):
        along.append(route.advance(along[-1], CONTROL_PERIOD_S))
    goals = np.array([route.pose_at(metres).xy for metres in along])
    radius_m = world.task.goal.radius_m
    drives = [drive(world, goals, first, keep * radius_m) for first in range(5, 350, 10) for keep in (0.6, 0.999)]
    assert 0.998 * measure_way(world) <= min(drives) <= 1.25 * measure_way(world)


def test_the_earliest_success_is_the_first_meeting_that_is_possible_and_the_stay_after_it() -> None:
    world = get_scenario("pursuit").world(9931, 0)
    space, track = ConfigurationSpace.from_world(world), GoalTrack.from_world(world)
    for speed_mps in (0.6, 1.1):
        places = track.places_at(track.begins)
        possible = (
            find_shortest_path(space, world.start.xy, tuple(place), world.task.goal.radius_m).length_m <= speed_mps * t
            for place, t in zip(places, track.begins, strict=True)
        )
        assert (
            find_earliest_success(world, space, speed_mps)
            == track.ends[next(i for i, yes in enumerate(possible) if yes)]
        )
