"""Laws of a free lane: it bends to its end, and clutter leaves it free."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.building.free_lane import STEP_M, place_clutter, sample_winding_lane
from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.objects.items import build_box_item
from scenarios.world import Target, Task, World

GOAL = Target("ball", "red ball", Pose2D(7.0, 0.0), 0.5)
WORLD = World("test", (), Pose2D(0.5, 0.0), Task(GOAL), "go", Bounds.from_size(8.0, 4.0), 0.15)
GROUND = Bounds(1.0, -2.0, 6.0, 2.0)


def lane(seed: int) -> np.ndarray:
    return sample_winding_lane(np.random.default_rng(seed), (0.5, 0.0), (2.0, 3.5, 5.0), 1.2, (7.0, 0.5))


@given(st.integers(0, 2**31 - 1))
def test_a_lane_leads_from_end_to_end_in_small_steps_within_its_room(seed: int) -> None:
    way = lane(seed)
    assert (*way[0], *way[-1]) == (0.5, 0.0, 7.0, 0.5)
    assert np.hypot(*np.diff(way, axis=0).T).max() <= 1.05 * STEP_M
    assert np.abs(way[:, 1]).max() <= 1.2


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31 - 1))
def test_clutter_leaves_the_lane_free_and_touches_nothing(seed: int) -> None:
    way, rng = lane(seed), np.random.default_rng(seed)
    things = [
        lambda number=number: build_box_item(number, "blue", (0.3, 0.4, 0.5), Pose2D(0.0, 0.0)) for number in range(5)
    ]
    items = place_clutter(rng, WORLD, things, GROUND, 0.04, way)
    if items is None:
        return
    assert ObstacleOutlines(WORLD, items).clearance(way).min() >= WORLD.clearance_m
    for item in items:
        assert GROUND.x_min <= item.pose.x <= GROUND.x_max
        assert GROUND.y_min <= item.pose.y <= GROUND.y_max


def test_where_there_is_no_room_there_is_no_clutter() -> None:
    huge = [lambda: build_box_item(0, "blue", (9.0, 9.0, 0.5), Pose2D(0.0, 0.0))]
    assert place_clutter(np.random.default_rng(0), WORLD, huge, GROUND, 0.04, lane(0)) is None
