"""Every crossing keeps its promises: a way past what stands, walkers who cross it and stay clear of everything else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.seeding import make_generator
from scenarios.families.crossing import CrossingSpec, crossing
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_goal_reachable
from scenarios.objects.pedestrians import STRAIGHT_MPS
from scenarios.objects.routes import distance_to_points, resample_route
from scenarios.ranges import IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import World, footprint_radius

SPEC = CrossingSpec()
worlds = st.builds(lambda seed: crossing(SPEC, make_generator(seed)), st.integers(0, 2**31 - 1))


def _at(world: World, seconds: float) -> list[tuple[float, float]]:
    places = [mover.route.pose_at(mover.route.start_m + seconds * mover.route.speed_mps) for mover in world.movers]
    return [(place.x, place.y) for place in places]


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(worlds)
def test_what_stands_leaves_a_way_and_the_instruction_names_one_target(world: World) -> None:
    task = world.task
    assert is_goal_reachable(world, SPEC.clearance)
    assert ObstacleOutlines(world).clearance(np.array([world.start.x, world.start.y])) >= SPEC.clearance
    assert task.goal.description in world.instruction
    assert [other.description in world.instruction for other in task.others] == [False]
    assert len({item.name for item in world.items}) == len(world.items)


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_walkers_keep_clear_of_what_stands_of_the_start_and_of_the_targets_circles(world: World) -> None:
    standing = ObstacleOutlines(world)
    for mover in world.movers:
        item, points = world.item(mover.name), resample_route(mover.route)
        assert item.pose == mover.route.pose_at(mover.route.start_m)
        radius = footprint_radius(item)
        assert standing.clearance(points).min() + ROBOT_RADIUS_M - radius > 0.1
        assert distance_to_points(points, world.start) > 1.0
        for target in (world.task.goal, *world.task.others):
            assert distance_to_points(points, target.pose) > target.radius_m + radius


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_walkers_pass_each_other_without_touching(world: World) -> None:
    radii = [footprint_radius(world.item(mover.name)) for mover in world.movers]
    for seconds in np.arange(0.0, world.task.time_limit_s, 0.25):
        places = _at(world, float(seconds))
        for i, a in enumerate(places):
            for j in range(i):
                assert math.dist(a, places[j]) > radii[i] + radii[j]


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_no_robot_fits_between_a_walker_and_the_wall_where_it_turns(world: World) -> None:
    _, low, _, high = world.bounds_m
    for mover in world.movers:
        ys, radius = resample_route(mover.route)[:, 1], footprint_radius(world.item(mover.name))
        for room in (high - ys.max() - radius, ys.min() - low - radius):
            assert 0.1 < room < 2 * ROBOT_RADIUS_M


def test_who_drives_straight_meets_people() -> None:
    near = []
    for episode in range(40):
        world = get_scenario("crossing").world(11, episode)
        a, b = np.array([world.start.x, world.start.y]), np.array([world.task.goal.pose.x, world.task.goal.pose.y])
        ahead = (b - a) / np.hypot(*(b - a))
        times = np.arange(0.0, np.hypot(*(b - a)) / STRAIGHT_MPS, 0.05)
        closest = [min(math.dist(a + STRAIGHT_MPS * t * ahead, place) for place in _at(world, float(t))) for t in times]
        near.append(min(closest) < ROBOT_RADIUS_M + 0.23)  # the slimmest walker's radius
    assert np.mean(near) > 0.7


def test_two_to_four_walkers_and_both_sides_occur_and_equal_seeds_give_equal_worlds() -> None:
    scenario = get_scenario("crossing")
    drawn = [scenario.world(0, episode) for episode in range(40)]
    assert {len(world.movers) for world in drawn} == {2, 3, 4}
    assert {world.task.goal.pose.y > 0.0 for world in drawn} == {True, False}
    assert all(mover.yields for world in drawn for mover in world.movers)
    assert scenario.world(0, 3) == drawn[3]
    assert len(set(drawn)) == 40


@pytest.mark.parametrize("changes", [{"width": Range(1.0, 1.0)}, {"walkers": IntRange(12, 12)}])
def test_ranges_that_leave_no_room_are_refused(changes: dict[str, Range | IntRange]) -> None:
    with pytest.raises(RuntimeError, match="no solvable crossing"):
        crossing(replace(SPEC, **changes), np.random.default_rng(0))  # type: ignore[arg-type]
