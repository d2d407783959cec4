from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.simulation.simulation import Simulation
from policies.reference.panorama import (
    BOTTOM_RAD,
    CELLS,
    LARGEST_RANGE_M,
    SIDE_RAD,
    SIZE,
    TOP_RAD,
    UNSEEN,
    compute_bearings,
    compute_elevations,
    measure_range_spread,
    measure_ranges,
    measure_rows,
    resample_frames,
    resample_ids,
)
from scenarios.registry import SCENARIOS


@given(st.floats(0.25, LARGEST_RANGE_M))
def test_a_range_has_the_row_that_shows_it(range_m: float) -> None:
    assert measure_ranges(measure_rows(np.array(range_m))) == pytest.approx(range_m)


@given(st.floats(0.3, 6.0), st.floats(0.01, 0.2))
def test_a_spread_is_what_a_small_error_of_a_row_makes(range_m: float, row: float) -> None:
    here = measure_rows(np.array(range_m))
    near, far = measure_ranges(here + 0.01 * row), measure_ranges(here - 0.01 * row)
    assert measure_range_spread(np.array(range_m), np.array(row)) == pytest.approx(50.0 * (far - near), rel=0.02)


def test_bearings_and_elevations_are_the_middles_of_equal_steps() -> None:
    assert compute_bearings(2) == pytest.approx([SIDE_RAD / 2, -SIDE_RAD / 2])
    assert compute_elevations(1) == pytest.approx([(TOP_RAD + BOTTOM_RAD) / 2])


def test_a_pixel_shows_its_direction_through_the_robot_s_own_camera() -> None:
    """Each pixel of a frame holds where it is; the panorama must hold where the camera's matrix puts a direction."""
    simulation = Simulation()
    world = SCENARIOS["corridor"].world(2000, 0)
    simulation.reset(world)
    view, yaw = simulation.robot_camera_view(), world.start.yaw
    simulation.close()
    right, up, forward = (np.array(axis) for axis in view.axes())
    frame = np.zeros((224, 224, 3), np.uint8)
    frame[..., 0], frame[..., 1] = np.arange(224)[:, None], np.arange(224)[None, :]
    picture = resample_frames(frame[None])[0]
    for row, column in ((20, 80), (60, 30), (90, 120), (120, 80), (140, 100)):
        bearing, elevation = yaw + compute_bearings(SIZE)[column], compute_elevations(SIZE)[row]
        level = math.cos(elevation)
        direction = np.array([level * math.cos(bearing), level * math.sin(bearing), math.sin(elevation)])
        x, y = direction @ right / (direction @ forward), direction @ up / (direction @ forward)
        assert picture[:2, row, column] == pytest.approx([112 - 112 * y - 0.5, 112 + 112 * x - 0.5], abs=0.51)


def test_what_the_camera_does_not_see_is_grey_and_without_an_id() -> None:
    picture = resample_frames(np.full((1, 224, 224, 3), 7, np.uint8))[0]
    ids = resample_ids(np.full((224, 224), 3))
    assert set(np.unique(picture)) == {7, UNSEEN}
    assert np.array_equal(ids == 3, picture[0] == 7)
    assert (picture[:, SIZE // 2, SIZE // 2] == 7).all()
    assert (picture[:, 0, 0] == UNSEEN).all()


def test_frames_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="224 x 224 pixels, not"):
        resample_frames(np.zeros((1, 100, 224, 3), np.uint8))


def test_cells_divide_the_picture() -> None:
    assert SIZE % CELLS == 0
