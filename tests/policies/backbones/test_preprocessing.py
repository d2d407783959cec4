from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.backbones.preprocessing import MEAN, STD, downsample_frames, normalise_pixels


def _pixels(seed: int, frames: int, edge: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (frames, edge, edge, 3), dtype=torch.uint8, generator=generator)


def _box_mean(pixels: torch.Tensor, size: int) -> np.ndarray:
    """(n, 3, size, size) float64."""
    n, edge = len(pixels), pixels.shape[1]
    boxes = pixels.numpy().astype(np.float64).reshape(n, size, edge // size, size, edge // size, 3)
    return boxes.mean((2, 4)).transpose(0, 3, 1, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 6), st.integers(1, 11))
def test_shrinking_is_the_exact_mean_of_each_box(seed: int, frames: int, size: int, factor: int) -> None:
    pixels = _pixels(seed, frames, size * factor)
    assert np.allclose(downsample_frames(pixels, size).numpy(), _box_mean(pixels, size), atol=1e-4)


@pytest.mark.parametrize("size", [112, 224])
def test_frames_of_the_camera_are_shrunk_exactly(size: int) -> None:
    pixels = _pixels(0, 1, 224)
    assert np.allclose(downsample_frames(pixels, size).numpy(), _box_mean(pixels, size), atol=1e-4)


def test_the_sums_of_white_blocks_stay_within_the_integers_that_hold_them() -> None:
    white = torch.full((1, 22, 22, 3), 255, dtype=torch.uint8)
    assert torch.equal(downsample_frames(white, 2), torch.full((1, 3, 2, 2), 255.0))


def test_normalising_maps_each_channels_mean_to_zero_and_one_deviation_above_to_one() -> None:
    for level, expected in ((0.0, 0.0), (1.0, 1.0), (-0.5, -0.5)):
        colours = torch.tensor([255.0 * (mean + level * std) for mean, std in zip(MEAN, STD, strict=True)])
        planes = colours.view(1, 3, 1, 1).expand(2, 3, 4, 4)
        assert torch.allclose(normalise_pixels(planes), torch.full((2, 3, 4, 4), expected), atol=1e-5)
