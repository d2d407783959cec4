"""Laws of the image-noise axis."""

from __future__ import annotations

import pytest
from drawn import LEVELS, drawn

from scenarios.perturbations.axes.image_noise import BLUR_PX, DROP, NOISE


@pytest.mark.parametrize("level", LEVELS)
def test_frames_are_corrupted_by_what_the_level_says_from_a_seed_of_the_episode(level: int) -> None:
    corruptions = [drawn("corridor", episode, f"image-noise={level}").conditions.image for episode in range(3)]
    for image in corruptions:
        assert (image.noise, image.blur_px, image.drop) == (NOISE[level], BLUR_PX[level], DROP[level])
    assert len({image.seed for image in corruptions}) == 3
