"""Every corridor keeps its promises: solvable with its clearance, named without doubt, drawn from its numbers alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.common.seeding import episode_seed, make_generator
from scenarios.families.corridor import CorridorSpec, corridor
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_goal_reachable
from scenarios.navigation.planner import Planner
from scenarios.ranges import Range
from scenarios.registry import SCENARIOS

seeds = st.integers(0, 2**31 - 1)
episodes = st.integers(0, 10_000)


@settings(max_examples=40, deadline=None)
@given(seeds, episodes)
def test_every_draw_is_solvable_with_the_stated_clearance(seed: int, episode: int) -> None:
    world = get_scenario("corridor").world(seed, episode)
    assert world.clearance_m == CorridorSpec().clearance
    assert is_goal_reachable(world, world.clearance_m)


@settings(max_examples=40, deadline=None)
@given(seeds, episodes)
def test_the_instruction_names_exactly_one_target(seed: int, episode: int) -> None:
    world = get_scenario("corridor").world(seed, episode)
    task = world.task
    assert task.goal.description in world.instruction
    assert all(other.description not in world.instruction for other in task.others)
    assert len(task.others) >= 1


@settings(max_examples=40, deadline=None)
@given(seeds, episodes)
def test_no_circle_of_one_target_overlaps_anothers(seed: int, episode: int) -> None:
    task = get_scenario("corridor").world(seed, episode).task
    places = [task.goal, *task.others]
    for i, a in enumerate(places):
        for b in places[:i]:
            assert math.dist((a.pose.x, a.pose.y), (b.pose.x, b.pose.y)) > a.radius_m + b.radius_m


@settings(max_examples=20, deadline=None)
@given(seeds, episodes)
def test_the_start_is_free_and_the_way_is_no_shorter_than_a_straight_line(seed: int, episode: int) -> None:
    world = get_scenario("corridor").world(seed, episode)
    planner = Planner(world)
    goal = world.task.goal
    straight = math.dist((world.start.x, world.start.y), (goal.pose.x, goal.pose.y)) - goal.radius_m
    assert ObstacleOutlines(world).clearance(planner.start) > 0.1
    assert straight - 0.08 <= planner.optimal_m <= planner.distance_to_goal(planner.start) + 0.02


def test_equal_numbers_give_equal_worlds_and_others_differ() -> None:
    scenario = get_scenario("corridor")
    assert scenario.world(3, 5) == scenario.world(3, 5)
    drawn = {scenario.world(seed, episode) for seed in range(4) for episode in range(8)}
    assert len(drawn) == 32


def test_one_to_four_boxes_and_two_to_three_targets_all_occur() -> None:
    worlds = [get_scenario("corridor").world(0, episode) for episode in range(80)]
    assert {sum(i.role == "obstacle" for i in w.items) for w in worlds} == {1, 2, 3, 4}
    assert {1 + len(w.task.others) for w in worlds} == {2, 3}


def test_item_names_are_unique() -> None:
    world = get_scenario("corridor").world(1, 1)
    assert len({item.name for item in world.items}) == len(world.items)


def test_ranges_that_leave_no_room_are_refused() -> None:
    narrow = CorridorSpec(width=Range(0.9, 0.9))
    with pytest.raises(RuntimeError, match="no solvable corridor"):
        corridor(narrow, np.random.default_rng(0))


def test_spec_hashes_change_with_a_range() -> None:
    scenario = SCENARIOS["corridor"]
    wider = type(scenario)(scenario.name, scenario.summary, CorridorSpec(width=Range(3.0, 3.2)), scenario.build)
    assert wider.spec_hash != scenario.spec_hash


@given(seeds, episodes)
def test_episode_seeds_depend_on_each_of_their_parts(seed: int, episode: int) -> None:
    own = episode_seed(seed, "corridor", episode)
    assert own == episode_seed(seed, "corridor", episode)
    assert own not in (
        episode_seed(seed + 1, "corridor", episode),
        episode_seed(seed, "corridor", episode + 1),
        episode_seed(seed, "rooms", episode),
    )


def test_generators_of_two_purposes_never_share_a_stream() -> None:
    assert make_generator(1, "world").integers(2**62) != make_generator(1, "noise").integers(2**62)
