"""A wall with doors blocks a robot everywhere but in its doors, whichever way it runs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.building.doors import DOOR_HEIGHT_M, Door, build_wall_with_doors
from scenarios.building.shell import WALL_THICKNESS_M
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import RGBA, Box, Item

PAINT: RGBA = (0.9, 0.9, 0.9, 1.0)
WOOD: RGBA = (0.5, 0.3, 0.2, 1.0)
HEIGHT = 2.5
WORLD = get_scenario("corridor").world(0, 0)


def clearance(items: list[Item], xy: np.ndarray) -> np.ndarray:
    return ObstacleOutlines(replace(WORLD, items=tuple(items))).clearance(xy)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3.0, 3.0), st.floats(0.5, 1.2), st.floats(0.5, 1.2), st.floats(-math.pi, math.pi))
def test_a_robot_fits_through_the_doors_and_nowhere_else(x: float, first: float, second: float, yaw: float) -> None:
    ahead, doors = np.array([math.cos(yaw), math.sin(yaw)]), [Door(1.0, first), Door(3.5, second)]
    a = np.array([x, 1.0])
    b = a + 5.0 * ahead
    items = build_wall_with_doors("w", (a[0], a[1]), (b[0], b[1]), doors, HEIGHT, PAINT, WOOD)
    for door in doors:
        kept = clearance(items, a + door.at_m * ahead)
        assert math.isclose(kept, door.width_m / 2 - ROBOT_RADIUS_M, abs_tol=1e-9)
    along = np.linspace(0.0, 5.0, 201)
    into_door = np.max([door.width_m / 2 - np.abs(along - door.at_m) for door in doors], axis=0)  # from the nearer edge
    to_wall = clearance(items, a + along[:, None] * ahead) + ROBOT_RADIUS_M
    assert np.all(to_wall[into_door < 0.0] < 1e-9)
    assert np.all(to_wall[into_door >= 0.0] > -1e-9)


def test_what_is_drawn_over_and_beside_a_door_blocks_nothing() -> None:
    items = build_wall_with_doors("w", (0.0, 0.0), (4.0, 0.0), [Door(2.0, 0.8)], HEIGHT, PAINT, WOOD)
    walls = [item for item in items if item.role == "wall"]
    assert {item.role for item in items} == {"wall", "decor"}
    assert [item.shape for item in walls] == [Box((1.6, WALL_THICKNESS_M, HEIGHT))] * 2
    lintel = next(item for item in items if item.label == "lintel")
    assert math.isclose(lintel.z_m - lintel.shape.height_m / 2, DOOR_HEIGHT_M)
    assert all(item.texture is None for item in items if item.role == "decor")  # such decor costs the physics nothing
