"""Distances on the floor plan are those of plane geometry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import (
    CELL_M,
    ClearanceGrid,
    MovingOutlines,
    ObstacleOutlines,
    is_goal_reachable,
)
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Cylinder, Item, Shape, Target, Task, World

GREY = (0.5, 0.5, 0.5, 1.0)


def _item(name: str, shape: Shape, x: float, y: float, yaw: float = 0.0) -> Item:
    return Item(name, name, shape, Pose2D(x, y, yaw), 0.5, GREY, "obstacle")


def _world(*items: Item, others: tuple[Target, ...] = ()) -> World:
    goal = Target("goal", "red cone", Pose2D(4.0, 0.0), 0.5)
    return World("test", items, Pose2D(0.0, 0.0), Task(goal, others), "go", Bounds(-1.0, -2.0, 5.0, 2.0), 0.1)


coordinates = st.floats(-5, 5)


@given(coordinates, coordinates, st.floats(-4, 4), st.floats(0.1, 2), st.floats(0.1, 2))
def test_box_distance_matches_the_nearest_of_many_outline_points(
    x: float, y: float, yaw: float, length: float, width: float
) -> None:
    hulls = ObstacleOutlines(_world(_item("box", Box((length, width, 1.0)), 0.3, -0.2, yaw)))
    t = np.linspace(-1, 1, 401)
    outline = np.concatenate(
        [np.stack([s * np.ones_like(t), t], 1) for s in (-1, 1)]
        + [np.stack([t, s * np.ones_like(t)], 1) for s in (-1, 1)]
    ) * (length / 2, width / 2)
    turn = np.array([[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]])
    nearest = np.min(np.hypot(*(outline @ turn.T + (0.3, -0.2) - (x, y)).T))
    distance = float(hulls.clearance(np.array([x, y]))) + ROBOT_RADIUS_M
    assert abs(distance) == pytest.approx(nearest, abs=0.006)


@given(coordinates, coordinates, st.floats(0.05, 1.0))
def test_round_things_are_as_far_as_their_rim(x: float, y: float, radius: float) -> None:
    hulls = ObstacleOutlines(_world(_item("post", Cylinder(radius, 1.0), 1.0, 1.0)))
    assert float(hulls.clearance(np.array([x, y]))) == pytest.approx(
        math.dist((x, y), (1, 1)) - radius - ROBOT_RADIUS_M
    )


@given(coordinates, coordinates)
def test_a_grid_cell_holds_points_within_half_a_cell(x: float, y: float) -> None:
    grid = ClearanceGrid.from_world(_world(_item("post", Cylinder(0.1, 1.0), 9.0, 9.0)))
    x, y = float(np.clip(x, -1, 5)), float(np.clip(y, -2, 2))
    centre = grid.cell_centres()[grid.cell_at(np.array([x, y]))]
    assert np.all(np.abs(centre - (x, y)) <= CELL_M / 2 + 1e-9)


@pytest.mark.parametrize(("gap", "clearance", "open_"), [(1.0, 0.2, True), (0.7, 0.2, False), (0.7, 0.1, True)])
def test_a_gap_is_passable_exactly_with_the_clearance_that_it_leaves(gap: float, clearance: float, open_: bool) -> None:
    walls = [_item(f"w{s}", Box((0.2, 4.0, 1.0)), 2.0, s * (2.0 + gap / 2)) for s in (-1, 1)]
    assert is_goal_reachable(_world(*walls), clearance) is open_


def test_another_target_in_the_only_gap_blocks_it() -> None:
    walls = [_item(f"w{s}", Box((0.2, 4.0, 1.0)), 2.0, s * 2.5) for s in (-1, 1)]
    other = Target("other", "blue ball", Pose2D(2.0, 0.0), 0.5)
    assert is_goal_reachable(_world(*walls), 0.2)
    assert not is_goal_reachable(_world(*walls, others=(other,)), 0.2)


def test_the_named_target_itself_is_nothing_to_keep_clear_of() -> None:
    goal = _item("goal", Cylinder(0.15, 0.4), 4.0, 0.0)
    wall = _item("wall", Box((0.2, 4.0, 1.0)), 20.0, 0.0)
    assert float(ObstacleOutlines(_world(goal, wall)).clearance(np.array([4.0, 0.0]))) > 10


@given(st.lists(st.tuples(st.floats(-9.0, 9.0), st.floats(-9.0, 9.0)), min_size=1, max_size=5))
def test_cells_of_many_points_are_those_of_each(points: list[tuple[float, float]]) -> None:
    grid = ClearanceGrid((-1.0, -2.0), np.zeros((40, 80)))
    rows, columns = grid.cells_at(np.array(points))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [grid.cell_at(np.array(xy)) for xy in points]


@pytest.mark.parametrize("scenario", ["crossing", "pursuit", "corridor"])
def test_moving_outlines_are_those_of_the_items_placed_along_their_routes(scenario: str) -> None:
    world = get_scenario(scenario).world(7, 0)
    progress = [mover.route.start_m + 1.7 for mover in world.movers]
    placed = [
        replace(world.item(mover.name), pose=mover.route.pose_at(along))
        for mover, along in zip(world.movers, progress, strict=True)
        if mover is not world.goal_mover
    ]
    outlines = MovingOutlines(world)
    points = np.random.default_rng(0).uniform(-5.0, 5.0, (50, 2))
    assert bool(outlines) == bool(placed)
    assert np.array_equal(outlines.place(progress).clearance(points), ObstacleOutlines(world, placed).clearance(points))
