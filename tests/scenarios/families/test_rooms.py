"""In every hallway the targets are out of sight, the words tell the room, and nothing is reached through a wall."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.families.rooms import RoomsSpec, rooms
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ClearanceGrid, is_goal_reachable, is_visible_from_start
from scenarios.ranges import Choice
from scenarios.world import Box, Target, World, footprint_radius, hull_shape

seeds = st.integers(0, 2**31 - 1)
episodes = st.integers(0, 10_000)


def walled_off(world: World, a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a wall stands between two points; exact for walls along x or y (clipping a line to a rectangle)."""
    for wall in (item for item in world.items if item.role == "wall"):
        shape = hull_shape(wall.shape)
        assert isinstance(shape, Box)
        half = np.array(shape.size_m[:2]) / 2
        if abs(math.sin(wall.pose.yaw)) > 0.5:
            half = half[::-1]
        centre, low, high = np.array([wall.pose.x, wall.pose.y]), 0.0, 1.0
        for axis in (0, 1):
            run, to_centre = b[axis] - a[axis], centre[axis] - a[axis]
            if abs(run) < 1e-12:
                if abs(to_centre) > half[axis]:
                    high = -1.0
                continue
            enters, leaves = sorted(((to_centre - half[axis]) / run, (to_centre + half[axis]) / run))
            low, high = max(low, enters), min(high, leaves)
        if low <= high:
            return True
    return False


def targets(world: World) -> tuple[Target, ...]:
    return (world.task.goal, *world.task.others)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seeds, episodes)
def test_every_draw_is_solvable_with_the_stated_clearance(seed: int, episode: int) -> None:
    world = get_scenario("rooms").world(seed, episode)
    assert world.clearance_m == RoomsSpec().clearance
    assert is_goal_reachable(world, world.clearance_m)


@settings(max_examples=20, deadline=None)
@given(seeds, episodes)
def test_no_target_is_seen_from_the_start(seed: int, episode: int) -> None:
    world = get_scenario("rooms").world(seed, episode)
    eye = np.array([world.start.x, world.start.y])
    for place in targets(world):
        radius = footprint_radius(world.item(place.name))
        for angle in np.linspace(0.0, math.tau, 16, endpoint=False):
            edge = np.array([place.pose.x + radius * math.cos(angle), place.pose.y + radius * math.sin(angle)])
            assert walled_off(world, eye, edge)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seeds, episodes)
def test_no_target_is_reached_through_a_wall(seed: int, episode: int) -> None:
    world = get_scenario("rooms").world(seed, episode)
    grid = ClearanceGrid.from_world(world)
    points = grid.cell_centres()
    for place in targets(world):
        near = grid.distance_from(place.pose.x, place.pose.y) <= place.radius_m
        middle = np.array([place.pose.x, place.pose.y])
        assert not any(walled_off(world, point, middle) for point in points[near & (grid.clearance_m >= 0.0)])


@settings(max_examples=20, deadline=None)
@given(seeds, episodes)
def test_the_words_tell_the_room(seed: int, episode: int) -> None:
    world = get_scenario("rooms").world(seed, episode)
    described = {place.description: place for place in targets(world)}
    assert len(described) == len(targets(world)) >= 2
    assert [words for words in described if words in world.instruction] == [world.task.goal.description]
    for words, place in described.items():
        assert words.startswith(world.item(place.name).label)
        assert place.pose.y > 0.0 if words.endswith("left") else place.pose.y < 0.0
        partner = described.get(words.replace("first", "second"))
        if "first" in words and partner is not None:
            assert place.pose.x < partner.pose.x


@pytest.mark.slow
def test_all_layouts_occur_with_targets_of_one_kind_and_of_several() -> None:
    worlds = [get_scenario("rooms").world(0, episode) for episode in range(60)]
    alike = [len({world.item(place.name).label for place in targets(world)}) == 1 for world in worlds]
    assert 15 <= sum(alike) <= 45
    sides = {tuple(sum(side * place.pose.y > 0 for place in targets(world)) for side in (1, -1)) for world in worlds}
    assert sides == set(RoomsSpec().rooms.options)
    named = [list(targets(world)).index(world.task.goal) for world in worlds]  # the goal comes first by construction
    assert set(named) == {0}
    assert {world.task.goal.name for world in worlds} >= {"target-0", "target-1", "target-2"}


def test_a_target_comes_into_sight_where_its_room_is_entered() -> None:
    world = get_scenario("rooms").world(0, 0)
    goal = world.task.goal
    beside = replace(world.start, x=goal.pose.x, y=goal.pose.y - math.copysign(0.4, goal.pose.y))
    assert not is_visible_from_start(world, world.item(goal.name))
    assert is_visible_from_start(replace(world, start=beside), world.item(goal.name))


def test_names_are_unique_and_equal_numbers_give_equal_worlds() -> None:
    world = get_scenario("rooms").world(2, 7)
    assert world == get_scenario("rooms").world(2, 7)
    assert len({item.name for item in world.items}) == len(world.items)


@pytest.mark.parametrize("counts", [(1, 0), (0, 0), (4, 1), (-1, 3)])
def test_rooms_that_can_not_be_told_apart_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="two or more rooms, at most 3 on a side"):
        rooms(RoomsSpec(rooms=Choice((counts,))), np.random.default_rng(0))


def test_three_rooms_on_a_side_have_ordinals_of_their_own() -> None:
    world = rooms(RoomsSpec(rooms=Choice(((3, 0),))), np.random.default_rng(5))
    ends = sorted(place.description.split(" in the ")[1] for place in targets(world))
    assert ends == [f"{ordinal} room on the left" for ordinal in ("first", "second", "third")]
    assert all(not is_visible_from_start(world, world.item(place.name)) for place in targets(world))
    assert all(
        math.dist((a.pose.x, a.pose.y), (b.pose.x, b.pose.y)) > 1.0
        for a, b in itertools.combinations(targets(world), 2)
    )
