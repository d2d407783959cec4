"""Whatever was done to pictures is found, alone and in combination, and video compression is no difference."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from policies.check.conformance.pictures import Geometry, change_geometry, compare_pictures
from policies.check.contract.samples import make_samples
from policies.policy import PolicySpec

LIVE = [sample.pixels[3] for sample in make_samples(PolicySpec("x", (160, 160), 0.1, (0.0, 0.0, 0.0)), 4, 4)]


def compress(picture: np.ndarray) -> np.ndarray:
    """Compress a picture as a video's frame would be: blocks and halved colours."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=60, subsampling=2)
    return np.asarray(Image.open(file))


def magnify(picture: np.ndarray, zoom: float) -> np.ndarray:
    filled = np.nan_to_num(change_geometry(picture, Geometry(zoom=zoom)), nan=90.0)
    return np.clip(filled, 0, 255).astype(np.uint8)


def brighten(picture: np.ndarray, gain: float) -> np.ndarray:
    return np.clip(picture * gain, 0, 255).astype(np.uint8)


def test_compressed_pictures_are_the_same() -> None:
    found = compare_pictures(LIVE, [compress(picture) for picture in LIVE])
    assert found.geometry == Geometry()
    assert not found.swapped_colours
    assert found.gain == pytest.approx(1.0, abs=0.03)
    assert abs(found.offset) < 3.0
    assert found.sharpness > 0.5
    assert found.likeness > 0.97


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_orientation_and_colours_are_found_together(mirrored: bool, upside_down: bool, swapped: bool) -> None:
    def change(picture: np.ndarray) -> np.ndarray:
        turned = change_geometry(picture, Geometry(mirrored, upside_down)).astype(np.uint8)
        return compress(np.ascontiguousarray(turned[..., ::-1] if swapped else turned))

    found = compare_pictures(LIVE, [change(picture) for picture in LIVE])
    assert found.geometry == Geometry(mirrored, upside_down)
    assert found.swapped_colours == swapped


@pytest.mark.parametrize("zoom", [math.tan(math.radians(45)) / math.tan(math.radians(half)) for half in (35, 40, 55)])
def test_a_magnification_is_estimated_within_two_percent(zoom: float) -> None:
    found = compare_pictures(LIVE, [compress(magnify(picture, zoom)) for picture in LIVE])
    assert found.geometry.zoom == pytest.approx(zoom, rel=0.02)
    assert (found.geometry.mirrored, found.geometry.upside_down) == (False, False)


@pytest.mark.parametrize("stretch", [3 / 4, 4 / 3])
def test_a_changed_aspect_ratio_is_estimated_within_three_percent(stretch: float) -> None:
    def change(picture: np.ndarray) -> np.ndarray:
        filled = np.nan_to_num(change_geometry(picture, Geometry(stretch=stretch)), nan=90.0)
        return compress(np.clip(filled, 0, 255).astype(np.uint8))

    found = compare_pictures(LIVE, [change(picture) for picture in LIVE]).geometry
    assert found.stretch == pytest.approx(stretch, rel=0.03)
    assert found.zoom == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize("shift", [(0, 8), (-5, 3), (10, -12)])
def test_a_shift_is_estimated_within_a_pixel(shift: tuple[int, int]) -> None:
    found = compare_pictures(LIVE, [compress(np.roll(picture, shift, (0, 1))) for picture in LIVE])
    assert (found.geometry.down_px, found.geometry.right_px) == pytest.approx(shift, abs=1.0)
    assert found.geometry.zoom == 1.0


@pytest.mark.parametrize("gain", [0.7, 1.3])
def test_brightness_is_estimated_where_pixels_are_not_saturated(gain: float) -> None:
    found = compare_pictures(LIVE, [compress(brighten(picture, gain)) for picture in LIVE])
    assert found.gain == pytest.approx(gain, abs=0.04)
    assert found.geometry == Geometry()


def test_blur_lowers_sharpness_and_changes_neither_brightness_nor_geometry() -> None:
    found = compare_pictures(LIVE, [ndimage.gaussian_filter(picture, (2.0, 2.0, 0.0)) for picture in LIVE])
    assert found.sharpness < 0.3
    assert found.gain == pytest.approx(1.0, abs=0.05)
    assert found.geometry == Geometry()


def test_pictures_of_something_else_are_unlike() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (4, 160, 160, 3)).astype(np.uint8)
    assert compare_pictures(LIVE, list(noise)).likeness < 0.5


def test_a_plain_picture_is_like_itself() -> None:
    plain = [np.full((64, 64, 3), 120, np.uint8)]
    assert compare_pictures(plain, plain).geometry == Geometry()


def test_unknown_pixels_are_nan_after_a_change_of_geometry() -> None:
    moved = change_geometry(LIVE[0], Geometry(right_px=10.0))
    assert np.isnan(moved[:, :10]).all()
    assert np.allclose(moved[:, 10:], LIVE[0][:, :-10])
