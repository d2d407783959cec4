from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.geometry import Pose2D
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.navigation.ray_casting import NOTHING, cast_rays, place_blocking_items
from scenarios.objects.items import build_item
from scenarios.registry import SCENARIOS
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Cylinder, Item

ANGLES = np.linspace(-math.pi, math.pi, 37)


def box(x: float, y: float, yaw: float = 0.0) -> Item:
    return build_item("box", "red", "box", Box((1.0, 0.4, 0.5)), Pose2D(x, y, yaw))


def barrel(x: float, y: float) -> Item:
    return build_item("barrel", "red", "barrel", Cylinder(0.3, 0.5), Pose2D(x, y))


def test_faces_and_outlines_are_as_far_away_as_by_hand() -> None:
    items = [box(3.0, 0.0), barrel(0.0, 2.0)]
    ranges, numbers = cast_rays(items, np.zeros(2), np.array([0.0, math.pi / 2, math.pi]), 9.0)
    assert ranges == pytest.approx([2.5, 1.7, 9.0])
    assert numbers.tolist() == [0, 1, NOTHING]


def test_the_nearer_of_two_hides_the_other() -> None:
    ranges, numbers = cast_rays([barrel(4.0, 0.0), box(2.0, 0.0, math.pi / 2)], np.zeros(2), np.zeros(1), 9.0)
    assert (ranges.tolist(), numbers.tolist()) == ([pytest.approx(1.8)], [1])


@pytest.mark.parametrize("item", [box(0.0, 0.0, 0.3), barrel(0.0, 0.0)])
def test_inside_an_outline_the_distance_is_zero(item: Item) -> None:
    ranges, numbers = cast_rays([item], np.array([0.05, 0.05]), ANGLES, 9.0)
    assert not ranges.any()
    assert not numbers.any()


def test_without_items_nothing_is_hit() -> None:
    ranges, numbers = cast_rays([], np.zeros(2), ANGLES, 5.0)
    assert set(ranges) == {5.0}
    assert set(numbers) == {NOTHING}


@given(st.sampled_from(sorted(SCENARIOS)), st.integers(0, 20), st.floats(-math.pi, math.pi))
def test_a_ray_ends_on_an_outline_and_meets_none_before(family: str, episode: int, turn: float) -> None:
    world = SCENARIOS[family].world(2000, episode)
    items = place_blocking_items(world, [mover.route.start_m for mover in world.movers])
    outlines, eye = ObstacleOutlines(world, items), np.array(world.start.xy)
    ranges, numbers = cast_rays(items, eye, turn + ANGLES, 9.0)
    ways = np.stack([np.cos(turn + ANGLES), np.sin(turn + ANGLES)], axis=1)

    def away(share: float) -> np.ndarray:
        return outlines.clearance(eye + share * ranges[:, None] * ways) + ROBOT_RADIUS_M

    hit = numbers != NOTHING
    assert away(1.0)[hit] == pytest.approx(0.0, abs=1e-6)
    assert all((away(share) > 0.0).all() for share in (0.0, 0.3, 0.6, 0.99))


def test_movers_stand_where_their_progress_says() -> None:
    world = SCENARIOS["crossing"].world(2000, 0)
    progress = [mover.route.start_m + 1.0 for mover in world.movers]
    placed = {item.name: item.pose for item in place_blocking_items(world, progress)}
    for mover, along in zip(world.movers, progress, strict=True):
        assert placed[mover.name] == mover.route.pose_at(along)
    assert world.task.goal.name in placed
