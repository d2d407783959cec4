from __future__ import annotations

import numpy as np
import pytest

from envs.camera.antialiasing import smooth_edges


def half_plane(angle_deg: float, fineness: int = 1) -> np.ndarray:
    """A picture (40, 60, 3) of a bright half plane whose edge runs at an angle; ``fineness`` ** 2 samples per pixel."""
    y, x = (np.indices((40 * fineness, 60 * fineness)) + 0.5) / fineness
    slope = np.radians(angle_deg)
    bright = (x - 30.3) * np.sin(slope) - (y - 20.2) * np.cos(slope) > 0.0
    means = bright.reshape(40, fineness, 60, fineness).mean(axis=(1, 3))
    return np.round(40 + 180 * means[..., None] * np.array([1.0, 0.8, 0.6])).astype(np.uint8)


@pytest.mark.parametrize("angle_deg", [4.0, 20.0, 45.0, 70.0, 87.0, 120.0, 176.0])
def test_a_slanting_edge_comes_close_to_one_drawn_with_many_samples(angle_deg: float) -> None:
    jagged, true = half_plane(angle_deg), half_plane(angle_deg, 8).astype(int)
    smooth = jagged.copy()
    smooth_edges(smooth, jagged[:, :, 0])
    error, before = (((picture - true)[2:-2, 2:-2] ** 2).sum() for picture in (smooth, jagged.astype(int)))
    assert error < 0.75 * before


@pytest.mark.parametrize("angle_deg", [0.0, 90.0])
def test_an_edge_along_the_pixels_stays_sharp(angle_deg: float) -> None:
    picture = half_plane(angle_deg)
    before = picture.copy()
    smooth_edges(picture, before[:, :, 0])
    assert np.array_equal(picture, before)


def test_faint_differences_stay() -> None:
    picture = np.random.Generator(np.random.PCG64(0)).integers(100, 108, (30, 40, 3)).astype(np.uint8)
    before = picture.copy()
    smooth_edges(picture, before[:, :, 0])
    assert np.array_equal(picture, before)


def test_colours_stay_between_those_of_their_neighbours_and_the_outermost_pixels_stay() -> None:
    before = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    picture = before.copy()
    smooth_edges(picture, before[:, :, 0])
    assert (picture != before).any()
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.array_equal(picture[edge], before[edge])
    around = np.stack([before[1 + y : 29 + y, 1 + x : 39 + x] for y, x in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))])
    assert (picture[1:-1, 1:-1] >= around.min(axis=0)).all()
    assert (picture[1:-1, 1:-1] <= around.max(axis=0)).all()


def test_a_lone_pixel_is_softened() -> None:
    picture = np.full((9, 9, 3), 50, np.uint8)
    picture[4, 4] = 250
    smooth_edges(picture, np.indices((9, 9)).sum(axis=0))
    assert 120 < picture[4, 4, 0] < 200


def test_what_is_painted_on_one_surface_stays_sharp() -> None:
    picture = half_plane(20.0)
    before = picture.copy()
    smooth_edges(picture, np.zeros((40, 60), np.uint8))
    assert np.array_equal(picture, before)
    surfaces = np.zeros((40, 60), np.uint8)
    surfaces[20:] = 1
    smooth_edges(picture, surfaces)
    changed = (picture != before).any(axis=(1, 2))
    assert changed.any()
    assert not changed[:19].any()
    assert not changed[21:].any()
