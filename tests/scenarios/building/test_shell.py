"""Laws of a room's shell: its walls enclose the ground without a gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.building.shell import build_cuboid, build_lamps, build_shell, sample_light
from scenarios.geometry import Bounds
from scenarios.ranges import Range
from scenarios.world import Box

WHITE = (1.0, 1.0, 1.0, 1.0)
SURFACES = (("floor/tiles", WHITE), ("wall/brick", WHITE))
bounds = st.builds(
    lambda x, y, length, width: Bounds(x, y, x + length, y + width),
    *(st.floats(-5.0, 5.0), st.floats(-5.0, 5.0), st.floats(1.0, 12.0), st.floats(1.0, 12.0)),
)


@given(bounds, st.floats(2.2, 3.5))
def test_walls_stand_around_the_ground_and_leave_all_of_it_free(ground: Bounds, height: float) -> None:
    walls = {item.name: item for item in build_shell(ground, height, *SURFACES) if item.role == "wall"}
    edges = {}
    for name, wall in walls.items():
        assert isinstance(wall.shape, Box)
        assert wall.z_m - wall.shape.height_m / 2 == pytest.approx(0.0)
        assert wall.shape.height_m == height
        length, width, _ = wall.shape.size_m
        edges[name] = Bounds(
            wall.pose.x - length / 2, wall.pose.y - width / 2, wall.pose.x + length / 2, wall.pose.y + width / 2
        )
    inside = (edges["wall-start"].x_max, edges["wall-right"].y_max, edges["wall-end"].x_min, edges["wall-left"].y_min)
    assert inside == pytest.approx(ground)
    for name in ("wall-start", "wall-end"):  # as wide as the ground and both side walls: no gap in the corners
        assert edges[name].y_min == pytest.approx(edges["wall-right"].y_min)
        assert edges[name].y_max == pytest.approx(edges["wall-left"].y_max)


def test_floor_and_ceiling_face_the_room() -> None:
    items = {item.name: item for item in build_shell(Bounds.from_size(8.0, 4.0), 2.5, *SURFACES)}
    assert items["floor"].z_m + items["floor"].shape.height_m / 2 == pytest.approx(0.0)
    assert items["ceiling"].z_m - items["ceiling"].shape.height_m / 2 == pytest.approx(2.5)
    assert (items["floor"].texture, items["wall-end"].texture) == ("floor/tiles", "wall/brick")


def test_a_cuboid_is_labelled_by_its_name_up_to_the_hyphen() -> None:
    assert build_cuboid("door-left-2", "decor", (1.0, 1.0, 1.0), (0.0, 0.0, 0.5), WHITE).label == "door"


def test_lamps_hang_below_the_ceiling() -> None:
    for lamp in build_lamps(np.array([1.0, 3.0]), 2.5, 0.5):
        assert (lamp.pose.y, lamp.z_m + lamp.shape.height_m / 2) == (0.5, pytest.approx(2.5))


@given(st.integers(0, 2**31 - 1))
def test_light_comes_from_above(seed: int) -> None:
    light = sample_light(Range(0.6, 0.7), Range(0.2, 0.3), np.random.default_rng(seed))
    assert light.direction[2] == 1.0
    assert 0.6 <= light.ambient <= 0.7
    assert 0.2 <= light.diffuse <= 0.3
