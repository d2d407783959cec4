"""Laws of hallways: rooms share its length, and each has its door, its rug and its lamp."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.building.hallway import build_hallway, sample_rooms_beside
from scenarios.geometry import Bounds
from scenarios.ranges import Range

WHITE = (1.0, 1.0, 1.0, 1.0)


def sample(seed: int, side: int, count: int):
    return sample_rooms_beside(np.random.default_rng(seed), side, count, 8.0, (1.1, 4.0), Range(0.9, 1.1), 0.45)


@given(st.integers(0, 2**31 - 1), st.sampled_from((1, -1)), st.integers(1, 3))
def test_rooms_follow_each_other_along_the_hallway_each_with_a_door_in_its_own_wall(seed, side, count):
    rooms = sample(seed, side, count)
    assert [room.x_m[0] for room in rooms] == pytest.approx([0.0, *(room.x_m[1] for room in rooms[:-1])])
    assert rooms[-1].x_m[1] == pytest.approx(8.0)
    for room in rooms:
        low, high = room.door.at_m - room.door.width_m / 2, room.door.at_m + room.door.width_m / 2
        assert room.x_m[0] + 0.45 - 1e-9 <= low < high <= room.x_m[1] - 0.45 + 1e-9
    assert len({room.name for room in rooms}) == count
    assert all(room.name.endswith("left" if side > 0 else "right") for room in rooms)


def test_every_room_has_a_rug_and_a_lamp_and_no_two_items_share_a_name():
    rooms = [*sample(0, 1, 2), *sample(1, -1, 1)]
    surfaces = ("floor/tiles", WHITE), ("wall/brick", WHITE)
    items = build_hallway(np.random.default_rng(0), Bounds(0.0, -4.0, 8.0, 4.0), 2.0, 2.5, *surfaces, WHITE, rooms)
    names = [item.name for item in items]
    assert len(set(names)) == len(names)
    assert sum(name.startswith("rug-") for name in names) == 3
    for room in rooms:
        at = sum(room.x_m) / 2, room.side * sum(room.y_m) / 2
        lamps = [item.pose.xy for item in items if item.name.startswith("lamp-")]
        assert any(lamp == pytest.approx(at) for lamp in lamps)
