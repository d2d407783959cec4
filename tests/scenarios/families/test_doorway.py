"""Every doorway keeps, at its narrowest, exactly what it says it keeps, and there is no way round the doors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.families.doorway import DoorwaySpec, doorway
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import is_goal_reachable
from scenarios.ranges import IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, World, hull_shape

seeds = st.integers(0, 2**31 - 1)
episodes = st.integers(0, 10_000)


def doors(world: World) -> int:
    return sum(item.label == "lintel" for item in world.items)


@settings(max_examples=25, deadline=None)
@given(seeds, episodes)
def test_the_stated_clearance_is_kept_and_no_more(seed: int, episode: int) -> None:
    world = get_scenario("doorway").world(seed, episode)
    spec = DoorwaySpec()
    assert spec.door_clearance.low - 1e-5 <= world.clearance_m <= spec.door_clearance.high
    assert is_goal_reachable(world, world.clearance_m)
    assert not is_goal_reachable(world, world.clearance_m + 0.001)


@settings(max_examples=25, deadline=None)
@given(seeds, episodes)
def test_every_door_has_to_be_passed(seed: int, episode: int) -> None:
    world = get_scenario("doorway").world(seed, episode)
    for lintel in (item for item in world.items if item.label == "lintel"):
        shape = hull_shape(lintel.shape)
        assert isinstance(shape, Box)
        leaf = replace(lintel, name="leaf", shape=Box((*shape.size_m[:2], 2.0)), z_m=1.0, role="wall")
        assert not is_goal_reachable(replace(world, items=(*world.items, leaf)), 0.0)


@settings(max_examples=25, deadline=None)
@given(seeds, episodes)
def test_all_targets_stand_behind_the_last_door_and_one_is_named(seed: int, episode: int) -> None:
    world = get_scenario("doorway").world(seed, episode)
    task = world.task
    last = max(item.pose.x for item in world.items if item.label == "lintel")
    assert all(place.pose.x - place.radius_m - ROBOT_RADIUS_M > last for place in (task.goal, *task.others))
    assert world.instruction.count(task.goal.description) == 1
    assert task.others
    assert all(other.description not in world.instruction for other in task.others)
    assert ("doorways" in world.instruction) == (doors(world) > 1)


def test_one_to_three_doors_occur_and_all_widths() -> None:
    worlds = [get_scenario("doorway").world(0, episode) for episode in range(60)]
    assert {doors(world) for world in worlds} == {1, 2, 3}
    kept = np.array([world.clearance_m for world in worlds])
    assert kept.min() < 0.10
    assert kept.max() > 0.20
    assert len(set(worlds)) == 60


def test_names_are_unique_and_equal_numbers_give_equal_worlds() -> None:
    world = get_scenario("doorway").world(2, 7)
    assert world == get_scenario("doorway").world(2, 7)
    assert len({item.name for item in world.items}) == len(world.items)


def test_ranges_that_leave_no_room_are_refused() -> None:
    short = DoorwaySpec(length=Range(5.0, 5.5), partitions=IntRange(3, 3))
    with pytest.raises(RuntimeError, match="no solvable doorway"):
        doorway(short, np.random.default_rng(0))
