"""Every line-up can be seen at a look, names one target, and has others that could be taken for it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.families.lookalikes import LookalikesSpec, lookalikes
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_goal_reachable
from scenarios.ranges import IntRange, Range
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Target, World, footprint_radius

FULL_SPEED_STEP_M = 0.115  # 1.15 m/s for a control period: circles are looked at between steps, contacts within
worlds = st.builds(get_scenario("lookalikes").world, st.integers(0, 2**31 - 1), st.integers(0, 10_000))


def _targets(world: World) -> tuple[Target, ...]:
    return (world.task.goal, *world.task.others)


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_the_named_target_can_be_reached_with_the_stated_clearance(world: World) -> None:
    assert world.clearance_m >= 0.20
    assert is_goal_reachable(world, world.clearance_m)
    assert ObstacleOutlines(world).clearance(np.array([world.start.x, world.start.y])) > world.clearance_m


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_the_instruction_names_exactly_one_of_them(world: World) -> None:
    named = [target for target in _targets(world) if target.description in world.instruction]
    assert named == [world.task.goal]
    assert all(world.item(target.name).label == target.description for target in _targets(world))


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_some_share_a_colour_and_some_share_a_shape(world: World) -> None:
    colours, shapes = zip(*(target.description.split() for target in _targets(world)), strict=True)
    assert len({*zip(colours, shapes, strict=True)}) == len(colours)
    assert max(Counter(colours).values()) >= 2
    assert max(Counter(shapes).values()) >= 2


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_circles_lie_apart_well_away_from_the_start_and_within_one_look(world: World) -> None:
    start, targets = world.start, _targets(world)
    for a, b in combinations(targets, 2):
        assert math.dist((a.pose.x, a.pose.y), (b.pose.x, b.pose.y)) > a.radius_m + b.radius_m
    for target in targets:
        ahead, aside = start.to_local(target.pose.xy)
        assert math.hypot(ahead, aside) - target.radius_m >= 2.5
        assert abs(math.atan2(aside, ahead)) <= LookalikesSpec().view_angle
        assert abs(aside) > target.radius_m  # driving straight ahead reaches none


@pytest.mark.slow
def test_no_place_in_the_line_up_and_no_kind_is_preferred() -> None:
    drawn = [get_scenario("lookalikes").world(6, episode) for episode in range(150)]
    counts = Counter(len(_targets(world)) for world in drawn)
    assert set(counts) == {4, 5, 6}
    named = Counter(
        sorted(_targets(world), key=lambda target: target.pose.y).index(world.task.goal)
        for world in drawn
        if len(_targets(world)) == 4
    )
    assert len(named) == 4
    assert max(named.values()) <= 0.5 * counts[4]
    shapes = Counter(world.task.goal.description.split()[1] for world in drawn)
    assert len(shapes) == 5
    assert min(shapes.values()) >= 12  # 30 expected, sd 4.9


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_a_target_counts_as_reached_before_it_can_be_touched(world: World) -> None:
    for target in _targets(world):
        assert footprint_radius(world.item(target.name)) + ROBOT_RADIUS_M + FULL_SPEED_STEP_M <= target.radius_m


def test_equal_numbers_give_equal_worlds() -> None:
    scenario = get_scenario("lookalikes")
    assert scenario.world(3, 5) == scenario.world(3, 5) != scenario.world(3, 6)


def test_ranges_without_room_or_with_too_many_kinds_are_refused() -> None:
    with pytest.raises(RuntimeError, match="no solvable line-up"):
        lookalikes(LookalikesSpec(spacing=Range(4.0, 4.0)), np.random.default_rng(0))
    with pytest.raises(ValueError, match="2 to 6 targets"):
        lookalikes(LookalikesSpec(targets=IntRange(3, 7)), np.random.default_rng(0))
