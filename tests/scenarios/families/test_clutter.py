"""Every crammed hall leaves a way, its things touch nothing, and they do stand in the way."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.families.clutter import ClutterSpec, clutter
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_goal_reachable
from scenarios.ranges import IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Item, World, hull_shape

seeds = st.integers(0, 2**31 - 1)
episodes = st.integers(0, 10_000)


def things(world: World) -> list[Item]:
    return [item for item in world.items if item.role == "obstacle"]


def outline(item: Item) -> np.ndarray:
    """(k, 2) points along the edge of an item's hull, about 2 cm apart."""
    shape = hull_shape(item.shape)
    if isinstance(shape, Box):
        x, y = shape.size_m[0] / 2, shape.size_m[1] / 2
        corners = np.array([(x, y), (-x, y), (-x, -y), (x, -y), (x, y)])
        points = np.concatenate([np.linspace(a, b, 50) for a, b in itertools.pairwise(corners)])
    else:
        angles = np.linspace(0.0, math.tau, 100)
        points = shape.radius_m * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    cos, sin = math.cos(item.pose.yaw), math.sin(item.pose.yaw)
    return points @ np.array([[cos, sin], [-sin, cos]]) + (item.pose.x, item.pose.y)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seeds, episodes)
def test_every_draw_is_solvable_with_the_stated_clearance(seed: int, episode: int) -> None:
    world = get_scenario("clutter").world(seed, episode)
    assert world.clearance_m == ClutterSpec().clearance
    assert 10 <= len(things(world)) <= 20
    assert is_goal_reachable(world, world.clearance_m)
    assert ObstacleOutlines(world).clearance(np.array([world.start.x, world.start.y])) > 0.1


@settings(max_examples=15, deadline=None)
@given(seeds, episodes)
def test_things_stand_neither_in_each_other_nor_in_walls_or_targets(seed: int, episode: int) -> None:
    world = get_scenario("clutter").world(seed, episode)
    for item in things(world):
        rest = [other for other in world.items if other.role in ("wall", "target", "obstacle") and other is not item]
        assert ObstacleOutlines(world, rest).clearance(outline(item)).min() > -ROBOT_RADIUS_M


@settings(max_examples=15, deadline=None)
@given(seeds, episodes)
def test_the_instruction_names_exactly_one_target(seed: int, episode: int) -> None:
    world = get_scenario("clutter").world(seed, episode)
    task = world.task
    assert world.instruction.count(task.goal.description) == 1
    assert task.others
    assert all(other.description not in world.instruction for other in task.others)


@pytest.mark.slow
def test_the_straight_way_is_mostly_barred() -> None:
    barred = 0
    for episode in range(40):
        world = get_scenario("clutter").world(0, episode)
        goal = world.task.goal
        share = np.linspace(0.0, 1.0, 200)[:, None]
        way = (1 - share) * (world.start.x, world.start.y) + share * (goal.pose.x, goal.pose.y)
        barred += bool(ObstacleOutlines(world, things(world)).clearance(way).min() < 0.0)
    assert barred >= 24


@pytest.mark.slow
def test_numbers_of_things_spread_and_names_are_unique() -> None:
    worlds = [get_scenario("clutter").world(1, episode) for episode in range(40)]
    counts = {len(things(world)) for world in worlds}
    assert min(counts) <= 11
    assert max(counts) >= 19
    assert all(len({item.name for item in world.items}) == len(world.items) for world in worlds)
    assert worlds[3] == get_scenario("clutter").world(1, 3) != worlds[4]


def test_ranges_that_leave_no_room_are_refused() -> None:
    narrow = ClutterSpec(width=Range(1.2, 1.2), things=IntRange(20, 20))
    with pytest.raises(RuntimeError, match="no solvable clutter"):
        clutter(narrow, np.random.default_rng(0))
