"""Every detour offers a real choice of sides, and only of sides; its eight cells are drawn evenly."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from scenarios.families.box_detour import BoxDetourSpec, box_detour
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import CELL_M, ClearanceGrid, is_goal_reachable
from scenarios.navigation.planner import Planner
from scenarios.ranges import IntRange, Range
from scenarios.robot import CAMERA_FOV_DEG, ROBOT_RADIUS_M
from scenarios.world import Box, Item, PassingSide, World, footprint_radius

FULL_SPEED_STEP_M = 0.115  # 1.15 m/s for a control period: circles are looked at between steps, contacts within
worlds = st.builds(get_scenario("box-detour").world, st.integers(0, 2**31 - 1), st.integers(0, 10_000))
PHRASES = {1: "single box obstacle", 2: "two box obstacles"}


def _boxes(world: World) -> list[Item]:
    return [item for item in world.items if item.role == "obstacle"]


def _cell(world: World) -> tuple[int, str, str]:
    boxes, side = _boxes(world), world.task.side
    assert side is not None
    shape = boxes[0].shape
    assert isinstance(shape, Box)
    depth, width, height = shape.size_m
    return len(boxes), "vertical" if height > max(depth, width) else "horizontal", side.name


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_either_side_can_be_driven_with_the_stated_clearance(world: World) -> None:
    side = world.task.side
    assert side is not None
    assert world.clearance_m >= 0.20
    swapped = replace(world, task=replace(world.task, side=PassingSide("", side.other, side.asked)))
    assert is_goal_reachable(world, world.clearance_m)
    assert is_goal_reachable(swapped, world.clearance_m)


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_no_way_leads_to_the_cup_but_across_one_of_the_two_lines(world: World) -> None:
    side, grid = world.task.side, ClearanceGrid.from_world(world)
    assert side is not None
    free = grid.clearance_m >= 0.0
    free &= ~grid.near_segment(side.asked, CELL_M) & ~grid.near_segment(side.other, CELL_M)
    regions, _ = ndimage.label(free, structure=np.ones((3, 3)))
    goal = world.task.goal
    at_goal = regions[grid.distance_from(goal.pose.x, goal.pose.y) <= goal.radius_m]
    start = regions[grid.cell_at(np.array([world.start.x, world.start.y]))]
    assert start > 0
    assert np.any(at_goal > 0)
    assert start not in at_goal


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_left_is_left_of_the_boxes_as_the_robot_sees_them(world: World) -> None:
    side = world.task.side
    assert side is not None
    ends = {side.name: side.asked[1][1], {"left": "right", "right": "left"}[side.name]: side.other[1][1]}
    middle = sum(box.pose.y for box in _boxes(world)) / len(_boxes(world))
    assert ends["left"] > middle > ends["right"]


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_the_start_image_shows_the_middle_of_the_boxes(world: World) -> None:
    middle = np.mean([box.pose.xy for box in _boxes(world)], axis=0)
    ahead, aside = world.start.to_local(middle)
    assert abs(math.atan2(aside, ahead)) < math.radians(CAMERA_FOV_DEG / 2.0)


def test_boxes_and_cup_are_not_where_words_and_odometry_would_tell() -> None:
    drawn = [get_scenario("box-detour").world(11, episode) for episode in range(120)]
    for places in (
        [world.start.to_local(_boxes(world)[0].pose.xy) for world in drawn],
        [world.start.to_local(world.task.goal.pose.xy) for world in drawn],
    ):
        assert np.std([math.atan2(y, x) for x, y in places]) > 0.3
    for name in ("left", "right"):  # the passage lies ahead, to the left or to the right, whichever is asked for
        asked = [world for world in drawn if world.task.side is not None and world.task.side.name == name]
        aside = [world.start.to_local(np.mean(world.task.side.asked, axis=0))[1] for world in asked]
        assert np.quantile(aside, 0.9) - np.quantile(aside, 0.1) > 2.0


@settings(max_examples=30, deadline=None)
@given(worlds)
def test_a_seen_instruction_is_the_published_one_and_the_cup_stands_well_away(world: World) -> None:
    count, _, side = _cell(world)
    goal = world.task.goal
    published = f"Navigate around the {PHRASES[count]} by going {side} to track the target cup"
    assert (world.instruction == published) == (world.phrase == "seen")
    assert math.dist((world.start.x, world.start.y), (goal.pose.x, goal.pose.y)) - goal.radius_m >= 2.5
    assert world.item(goal.name).label == goal.description


def test_the_eight_cells_come_equally_often() -> None:
    drawn = Counter(_cell(get_scenario("box-detour").world(4, episode)) for episode in range(160))
    assert len(drawn) == 8
    assert all(6 <= count <= 36 for count in drawn.values())  # 20 expected, sd 4.2


def test_the_way_that_is_asked_for_is_the_way_that_is_planned() -> None:
    for episode in range(6):
        world = get_scenario("box-detour").world(9, episode)
        side = world.task.side
        assert side is not None
        path = Planner(world).path_from(np.array([world.start.x, world.start.y]))
        passing = path[np.argmin(np.abs(path[:, 0] - side.asked[0][0]))]
        assert min(side.asked[0][1], side.asked[1][1]) < passing[1] < max(side.asked[0][1], side.asked[1][1])


@settings(max_examples=20, deadline=None)
@given(worlds)
def test_a_target_counts_as_reached_before_it_can_be_touched(world: World) -> None:
    for target in [world.task.goal]:
        assert footprint_radius(world.item(target.name)) + ROBOT_RADIUS_M + FULL_SPEED_STEP_M <= target.radius_m


def test_equal_numbers_give_equal_worlds() -> None:
    scenario = get_scenario("box-detour")
    assert scenario.world(3, 5) == scenario.world(3, 5) != scenario.world(3, 6)


def test_ranges_without_room_or_without_a_box_are_refused() -> None:
    with pytest.raises(RuntimeError, match="no solvable detour"):
        box_detour(BoxDetourSpec(passage_width=Range(1.0, 1.1)), np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least one box"):
        box_detour(BoxDetourSpec(boxes=IntRange(0, 1)), np.random.default_rng(0))
