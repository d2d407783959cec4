from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envs.camera import Shot, View
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from scenarios.world import Light

SHOT = Shot(
    0,
    View((1.0, 2.0, 3.0), (-2.0, 0.5, 0.1), (0.1, 0.2, 1.0), fov_deg=47.0, near_m=0.07, far_m=21.0),
    120,
    80,
    Light((3.0, 0.0, 4.0), (1.0, 0.5, 0.25), ambient=0.4, diffuse=0.5),
    (0.1, 0.2, 0.3),
)
TILE = np.array(pack_tile(SHOT))


def test_a_tile_is_as_long_as_the_shaders_say() -> None:
    assert 4 * len(TILE) == TILE_BYTES


@settings(max_examples=50)
@given(st.tuples(*[st.floats(-10.0, 10.0)] * 3))
def test_the_clip_matrix_is_that_of_the_view_upside_down_and_half_a_pixel_away(point: tuple[float, ...]) -> None:
    expected = SHOT.view.projection_matrix(SHOT.width / SHOT.height) @ SHOT.view.view_matrix() @ [*point, 1.0]
    clip = TILE[:16].reshape(4, 4).T @ [*point, 1.0]
    assert clip[2:] == pytest.approx(expected[2:], abs=1e-6)
    assume(abs(expected[3]) > 0.1)
    # A picture is 2 wide and 2 high in these coordinates.
    x, y = expected[:2] / expected[3]
    assert clip[:2] / clip[3] == pytest.approx([x + 1.0 / SHOT.width, -y - 1.0 / SHOT.height], abs=1e-6)


def test_the_light_is_a_unit_vector_and_its_gains() -> None:
    assert TILE[16:20] == pytest.approx([0.6, 0.0, 0.8, 0.0])
    assert TILE[20:24] == pytest.approx([0.5, 0.25, 0.125, 0.4])


def test_a_light_without_direction_gives_no_number_that_is_none() -> None:
    dark = Shot(0, SHOT.view, light=Light((0.0, 0.0, 0.0)))
    assert np.isfinite(pack_tile(dark)).all()


@settings(max_examples=20)
@given(st.tuples(*[st.floats(-10.0, 10.0)] * 3))
def test_the_distance_is_that_along_the_optical_axis(point: tuple[float, ...]) -> None:
    *forward, offset = TILE[24:28]
    assert np.dot(forward, point) - offset == pytest.approx(-(SHOT.view.view_matrix() @ [*point, 1.0])[2], abs=1e-6)


def test_the_background_comes_with_the_far_plane() -> None:
    assert TILE[28:32] == pytest.approx([0.1, 0.2, 0.3, 21.0])
