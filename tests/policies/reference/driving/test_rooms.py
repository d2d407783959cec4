from __future__ import annotations

import numpy as np
import pytest

from policies.reference.driving.floor_map import FloorMap, find_cells
from policies.reference.driving.hall_axis import HallAxis
from policies.reference.driving.rooms import find_doors, find_side_walls, is_in_room
from policies.reference.vocabulary import Room


def fill(floor_map: FloorMap, x: tuple[float, float], y: tuple[float, float], odds: float) -> None:
    places = np.stack(np.meshgrid(np.arange(*x, 0.02), np.arange(*y, 0.02), indexing="ij"), axis=-1)
    floor_map.log_odds[find_cells(places)] = odds


@pytest.fixture
def hallway() -> FloorMap:
    """Walls at y = 1 and -0.8; doors on the left at x = 2 and 5, and on the right at x = 3; free floor behind them."""
    floor_map = FloorMap()
    fill(floor_map, (-0.5, 7.0), (-0.75, 0.95), -2.0)
    fill(floor_map, (-0.5, 7.0), (1.0, 1.1), 2.0)
    fill(floor_map, (-0.5, 7.0), (-0.9, -0.8), 2.0)
    for middle in (2.0, 5.0):
        fill(floor_map, (middle - 0.5, middle + 0.5), (0.9, 2.5), -2.0)
    fill(floor_map, (2.5, 3.5), (-2.5, -0.7), -2.0)
    return floor_map


def test_walls_and_doors_of_both_sides_are_found(hallway) -> None:
    assert find_side_walls(hallway, HallAxis()) == pytest.approx((1.03, -0.83), abs=0.06)
    assert find_doors(hallway, HallAxis(), 1).middles_m == pytest.approx((2.0, 5.0), abs=0.06)
    assert find_doors(hallway, HallAxis(), -1).middles_m == pytest.approx((3.0,), abs=0.06)


def test_a_gap_that_is_too_narrow_or_leads_nowhere_is_no_door(hallway) -> None:
    fill(hallway, (5.0, 5.6), (0.98, 1.12), 2.0)  # half of the second door is closed
    fill(hallway, (1.4, 2.6), (1.15, 2.5), 0.0)  # nothing is known behind the first
    assert find_doors(hallway, HallAxis(), 1).middles_m == ()


def test_an_unseen_end_of_a_wall_is_no_door(hallway) -> None:
    fill(hallway, (6.0, 11.5), (0.9, 1.2), 0.0)
    assert find_doors(hallway, HallAxis(), 1).middles_m == pytest.approx((2.0, 5.0), abs=0.06)


def test_places_belong_to_the_room_behind_their_door(hallway) -> None:
    axis = HallAxis()
    first, second = np.array([2.4, 2.2]), np.array([4.7, 2.2])
    assert is_in_room(first, Room(1, 0), hallway, axis)
    assert not is_in_room(first, Room(1, 1), hallway, axis)
    assert is_in_room(second, Room(1, 1), hallway, axis)
    assert not is_in_room(np.array([2.0, 0.0]), Room(1, 0), hallway, axis)  # in the hallway
    assert not is_in_room(first, Room(-1, None), hallway, axis)
    assert is_in_room(np.array([3.0, -2.0]), Room(-1, None), hallway, axis)
    assert not is_in_room(first, Room(1, 2), hallway, axis)  # there is no third door


def test_before_anything_is_seen_there_are_no_doors() -> None:
    assert find_doors(FloorMap(), HallAxis(), 1).middles_m == ()
