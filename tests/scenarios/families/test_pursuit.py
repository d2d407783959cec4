"""Every pursuit keeps its promises: a target that never comes by the start, and room to follow it all the way."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.seeding import make_generator
from scenarios.families.pursuit import TARGET_BUILDERS, PursuitSpec, pursuit
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_goal_reachable
from scenarios.navigation.cost_field import OTHER_TARGETS_MARGIN_M
from scenarios.objects.colours import named_rgba
from scenarios.objects.routes import CORNERS, distance_to_points, resample_route
from scenarios.ranges import Range
from scenarios.robot import ACTION_SCALE, ROBOT_RADIUS_M
from scenarios.world import Box, Compound, Cone, Cylinder, MovingItem, Sphere, World, footprint_radius

SPEC = PursuitSpec()
worlds = st.builds(lambda seed: pursuit(SPEC, make_generator(seed)), st.integers(0, 2**31 - 1))


def _target(world: World) -> MovingItem:
    assert world.goal_mover is not None
    return world.goal_mover


def _moving_targets(world: World) -> set[str]:
    return {world.task.goal.name, *(decoy.name for decoy in world.task.decoys)}


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_whoever_stays_at_the_start_never_has_the_target_within_the_circle(world: World) -> None:
    assert distance_to_points(resample_route(_target(world).route), world.start) > world.task.goal.radius_m + 0.5


@settings(max_examples=30, deadline=None)
@given(worlds, st.data())
def test_nobody_who_stands_still_has_the_target_within_the_circle_long_enough(
    world: World, data: st.DataObject
) -> None:
    assert SPEC.follow_distance.low <= world.task.hold_m <= SPEC.follow_distance.high
    route, radius_m = _target(world).route, world.task.goal.radius_m
    points = resample_route(route)
    spot = points[data.draw(st.integers(0, len(points) - 1))]
    place = spot + radius_m * np.array(data.draw(st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))))
    within = np.hypot(*(np.concatenate([points, points]) - place).T) <= radius_m
    longest = max((sum(1 for _ in run) for inside, run in groupby(within) if inside), default=0)
    assert longest * route.lap_m / len(points) < world.task.hold_m - 0.1


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_the_target_turns_and_varies_its_speed(world: World) -> None:
    route = _target(world).route
    speeds = {round(route.speed_mps * factor, 6) for factor in route.pace}
    assert len(speeds) == CORNERS
    assert SPEC.target_speed.low * SPEC.target_pace.low <= min(speeds)
    assert max(speeds) <= SPEC.target_speed.high * SPEC.target_pace.high < ACTION_SCALE


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(worlds)
def test_the_goal_is_the_item_that_moves_where_its_route_begins(world: World) -> None:
    mover, goal = _target(world), world.task.goal
    assert goal.pose == mover.route.pose_at(mover.route.start_m) == world.item(goal.name).pose
    assert world.item(goal.name).label == goal.description
    assert goal.description in world.instruction
    assert mover.route.closed
    assert not mover.yields
    assert is_goal_reachable(world, SPEC.clearance)
    assert ObstacleOutlines(world).clearance(np.array([world.start.x, world.start.y])) >= SPEC.clearance


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_a_robot_can_follow_all_the_way_and_pass_the_other_target_by(world: World) -> None:
    points = resample_route(_target(world).route)
    assert ObstacleOutlines(world).clearance(points).min() >= SPEC.clearance
    for other in world.task.others:
        assert distance_to_points(points, other.pose) > other.radius_m + OTHER_TARGETS_MARGIN_M + ROBOT_RADIUS_M


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_what_moves_touches_nothing_that_stands_and_never_meets(world: World) -> None:
    standing = ObstacleOutlines(world)
    for mover in world.movers:
        reach = footprint_radius(world.item(mover.name))
        assert standing.clearance(resample_route(mover.route)).min() + ROBOT_RADIUS_M - reach > 0.05
    for seconds in np.arange(0.0, world.task.time_limit_s, 0.5):
        routes = [mover.route for mover in world.movers]
        places = [route.pose_at(route.advance(route.start_m, seconds)) for route in routes]
        for i, a in enumerate(places):
            assert all(math.dist((a.x, a.y), (b.x, b.y)) > 1.5 for b in places[:i])


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_the_instruction_names_nothing_else_in_the_hall(world: World) -> None:
    labels = [item.label for item in world.items if item.role in ("target", "obstacle")]
    assert labels.count(world.task.goal.description) == 1
    assert sum(label in world.instruction for label in set(labels)) == 1
    assert len({item.name for item in world.items}) == len(world.items)


@pytest.mark.parametrize("kind", TARGET_BUILDERS)
def test_what_is_followed_stands_on_the_floor_within_its_hull(kind: str) -> None:
    shape = TARGET_BUILDERS[kind](named_rgba("red"))
    assert isinstance(shape, Compound)
    assert len(shape.parts) <= 16
    bottoms, tops = [], []
    for part in shape.parts:
        x, y, z = part.offset_m
        bottoms.append(z - part.shape.height_m / 2)
        tops.append(z + part.shape.height_m / 2)
        match part.shape:
            case Box((length, width, _)):
                half_x, half_y = length / 2, width / 2
            case Cylinder(radius, _) | Sphere(radius) | Cone(radius, _):
                half_x = half_y = radius
        match shape.hull:
            case Box((length, width, _)):
                assert abs(x) + half_x <= length / 2 + 1e-9
                assert abs(y) + half_y <= width / 2 + 1e-9
            case Cylinder(radius, _):
                assert math.hypot(x, y) <= radius
    assert min(bottoms) == pytest.approx(-shape.height_m / 2, abs=0.011)
    assert max(tops) <= shape.height_m / 2 + 1e-9


def test_all_kinds_both_directions_and_decoys_occur_and_equal_seeds_give_equal_worlds() -> None:
    scenario = get_scenario("pursuit")
    drawn = [scenario.world(0, episode) for episode in range(40)]
    assert {world.task.goal.description.split()[-1] for world in drawn} >= {"robot", "cart", "trolley"}
    assert any(world.task.goal.description.startswith("person in") for world in drawn)
    assert {len(world.movers) for world in drawn} == {2, 3}
    assert all({mover.name for mover in world.movers} == _moving_targets(world) for world in drawn)
    turns = set()
    for world in drawn:
        points = resample_route(_target(world).route)
        x, y = points.T
        turns.add(bool(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0.0))
    assert turns == {True, False}
    assert scenario.world(0, 3) == drawn[3]
    assert len(set(drawn)) == 40


def test_ranges_that_leave_no_room_are_refused() -> None:
    with pytest.raises(RuntimeError, match="no solvable pursuit"):
        pursuit(replace(SPEC, width=Range(1.0, 1.0)), np.random.default_rng(0))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_even_ranges_that_allow_it_never_bring_the_target_by_the_start(seed: int) -> None:
    world = pursuit(replace(SPEC, start_distance=0.8), make_generator(seed))
    assert distance_to_points(resample_route(_target(world).route), world.start) > world.task.goal.radius_m
