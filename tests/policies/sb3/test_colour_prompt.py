"""The fourth channel shows where the named colour is, in any light, and no other colour of targets."""

from __future__ import annotations

import numpy as np
import pytest

from policies.sb3.colour_prompt import add_likeness, find_colour
from scenarios.objects.colours import COLOURS, TARGET_COLOURS


def paint(colour: str, brightness: float) -> np.ndarray:
    """A frame (1, 2, 2, 3) of one colour."""
    rgb = np.round(255.0 * brightness * np.array(COLOURS[colour]))
    return np.tile(rgb.astype(np.uint8), (1, 2, 2, 1))


@pytest.mark.parametrize("brightness", [1.0, 0.6, 0.35])
@pytest.mark.parametrize("named", TARGET_COLOURS)
def test_the_named_colour_is_bright_in_any_light_and_every_other_is_dark(named: str, brightness: float) -> None:
    colour = [find_colour(f"Drive to the {named} ball.")]
    assert add_likeness(paint(named, brightness), colour)[..., 3].min() > 230
    for other in (*TARGET_COLOURS, "white", "grey", "black"):
        if other != named:
            assert add_likeness(paint(other, brightness), colour)[..., 3].max() < 40, other


def test_the_picture_itself_stays() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), np.uint8)
    found = add_likeness(pixels, [find_colour("red"), find_colour("blue")])
    assert found.dtype == np.uint8
    assert np.array_equal(found[..., :3], pixels)


def test_an_instruction_without_a_colour_shows_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 5, 4, 3), np.uint8)
    assert not add_likeness(pixels, [find_colour("go to the reddish greenhouse")])[..., 3].any()


def test_dark_pixels_have_no_colour() -> None:
    assert not add_likeness(np.full((1, 1, 1, 3), (12, 2, 1), np.uint8), [find_colour("red")])[..., 3].any()
