from __future__ import annotations

import math

import numpy as np
import pytest

from policies.reference.driving.floor_map import FloorMap, cast_points, find_cells, locate_cells, locate_eye
from policies.reference.network import RAY_KINDS
from policies.reference.panorama import EYE_AHEAD_M, RAYS, compute_bearings
from policies.reference.sighting import Sighting
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.navigation.ray_casting import place_blocking_items
from scenarios.registry import SCENARIOS
from scenarios.robot import ROBOT_RADIUS_M

AHEAD = np.zeros(3)


def see_wall(range_m: float, kind: str = "wall", spread_m: float = 0.02) -> Sighting:
    """A wall straight ahead, across the picture."""
    ranges = range_m / np.cos(compute_bearings(RAYS))
    return Sighting(ranges, np.full(RAYS, spread_m), np.full(RAYS, RAY_KINDS.index(kind)), ())


def odds_at(floor_map: FloorMap, x: float, y: float) -> float:
    return float(floor_map.log_odds[find_cells(np.array([x, y]))])


def test_the_camera_is_on_its_mast() -> None:
    eye = locate_eye(np.array([1.0, 2.0, math.pi / 2]))
    assert eye.xy == pytest.approx([1.0, 2.0 + EYE_AHEAD_M])


def test_a_cell_s_middle_lies_in_it() -> None:
    index = np.array([[0, 0], [17, 300]])
    assert np.stack(find_cells(locate_cells(index)), axis=1).tolist() == index.tolist()


def test_a_wall_is_occupied_the_floor_before_it_free_and_what_is_behind_unknown() -> None:
    floor_map = FloorMap()
    for _ in range(3):
        floor_map.update(AHEAD, see_wall(2.0))
    at_wall = 2.0 + EYE_AHEAD_M + 0.015
    assert floor_map.occupied[find_cells(np.array([at_wall, 0.3]))]
    assert floor_map.free[find_cells(np.array([1.0, 0.3]))]
    assert not floor_map.seen[find_cells(np.array([3.0, 0.3]))]
    assert odds_at(floor_map, -1.0, 0.0) == 0.0  # behind the robot


def test_an_uncertain_range_weighs_less() -> None:
    sure, unsure = FloorMap(), FloorMap()
    sure.update(AHEAD, see_wall(2.0))
    unsure.update(AHEAD, see_wall(2.0, spread_m=0.5))
    at_wall = 2.0 + EYE_AHEAD_M + 0.015
    assert odds_at(sure, at_wall, 0.0) > 3 * odds_at(unsure, at_wall, 0.0) > 0.0


def test_what_moves_leaves_no_mark() -> None:
    floor_map = FloorMap()
    floor_map.update(AHEAD, see_wall(2.0, kind="mover"))
    assert not floor_map.occupied.any()


def test_obstacles_are_told_from_walls() -> None:
    floor_map = FloorMap()
    floor_map.update(AHEAD, see_wall(2.0, kind="obstacle"))
    assert floor_map.obstacle_votes.max() > 0.0
    walls = FloorMap()
    walls.update(AHEAD, see_wall(2.0))
    assert walls.obstacle_votes.max() <= 0.0


def test_the_robot_stands_on_free_floor() -> None:
    floor_map = FloorMap()
    floor_map.update(AHEAD, see_wall(0.3))
    assert floor_map.seen[find_cells(np.zeros(2))]
    assert floor_map.free[find_cells(np.zeros(2))]


def test_only_what_its_hull_covers_is_free_for_certain() -> None:
    """A wall passes by at 45 degrees, just beyond the hull."""
    floor_map = FloorMap()
    angles = math.radians(45.0) + np.linspace(-0.5, 0.5, 50)
    beside = find_cells((ROBOT_RADIUS_M + 0.035) * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    floor_map.log_odds[beside] = 3.0
    blind = Sighting(np.full(RAYS, 0.2), np.full(RAYS, 3.0), np.zeros(RAYS, int), ())
    floor_map.update(np.array([0.0, 0.0, math.pi]), blind)
    assert (floor_map.log_odds[beside] > 2.0).all()
    inside = (ROBOT_RADIUS_M - 0.05) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert floor_map.free[find_cells(inside)].all()


@pytest.mark.parametrize("family", sorted(set(SCENARIOS) - {"pursuit", "crossing"}))
def test_from_true_sightings_the_map_is_that_of_the_world(family: str, see_truly) -> None:
    """Wherever the map says that something stands, or nothing, that is so up to two cells."""
    world = SCENARIOS[family].world(2302, 3)
    floor_map, start = FloorMap(), world.start
    for step in range(12):
        yaw = start.yaw + 0.6 * math.sin(step)
        sighting = see_truly(world, np.array([start.x, start.y, yaw]), step=step)
        floor_map.update(np.array([0.0, 0.0, yaw - start.yaw]), sighting)
    outlines = ObstacleOutlines(world, place_blocking_items(world, ()))
    places = start.to_world(locate_cells(np.argwhere(floor_map.free)))
    away = outlines.clearance(places) + ROBOT_RADIUS_M
    assert (away > -0.10).mean() > 0.99
    near = np.hypot(*locate_cells(np.argwhere(floor_map.occupied)).T) < 2.5
    places = start.to_world(locate_cells(np.argwhere(floor_map.occupied)))[near]
    assert (np.abs(outlines.clearance(places) + ROBOT_RADIUS_M) < 0.20).mean() > 0.9


def test_rays_end_where_they_hit() -> None:
    points = cast_points(AHEAD, see_wall(2.0).ranges)
    assert points[:, 0] == pytest.approx(np.full(RAYS, 2.0 + EYE_AHEAD_M))
    assert points[0, 1] > 0.0 > points[-1, 1]


@pytest.mark.parametrize("place", [(-8.0, -11.0), (11.9, 10.9), (-30.0, 0.0), (0.0, 100.0)])
def test_what_is_seen_from_the_edge_of_the_map_or_beyond_changes_nothing_on_its_other_side(place) -> None:
    floor_map = FloorMap()
    floor_map.update(np.array([*place, 0.0]), see_wall(1.0))
    cells = locate_cells(np.argwhere(floor_map.seen | (floor_map.log_odds != 0.0)))
    assert np.abs(cells - place).max(initial=0.0) < 2.5
