"""Laws of colours."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.objects.colours import (
    COLOURS,
    OBSTACLE_COLOURS,
    TARGET_COLOURS,
    named_rgba,
    sample_tint,
    scale_brightness,
)
from scenarios.ranges import Range

channels = st.floats(0.0, 1.0)


@pytest.mark.parametrize("name", COLOURS)
def test_a_named_colour_is_opaque(name):
    assert named_rgba(name) == (*COLOURS[name], 1.0)


def test_what_things_and_targets_wear_has_a_name():
    assert {*OBSTACLE_COLOURS, *TARGET_COLOURS} <= COLOURS.keys()


@given(st.tuples(channels, channels, channels, channels), st.floats(0.05, 1.0))
def test_darker_keeps_the_hue_and_the_opacity(colour, factor):
    darker = scale_brightness(colour, factor)
    assert darker[:3] == pytest.approx([factor * channel for channel in colour[:3]])
    assert darker[3] == colour[3]
    if min(darker[:3]) + 0.01 < max(darker[:3]):
        gap = abs(colorsys.rgb_to_hsv(*darker[:3])[0] - colorsys.rgb_to_hsv(*colour[:3])[0])
        assert min(gap, 1.0 - gap) < 1e-6


@given(st.tuples(channels, channels, channels, channels), st.floats(1.0, 20.0))
def test_brighter_stays_a_colour(colour, factor):
    assert all(before <= now <= 1.0 for before, now in zip(colour, scale_brightness(colour, factor), strict=True))


@given(st.integers(0, 2**31 - 1))
def test_a_tint_is_drawn_from_its_range(seed):
    *rgb, opacity = sample_tint(Range(0.8, 0.9), np.random.default_rng(seed))
    assert opacity == 1.0
    assert all(0.8 <= channel <= 0.9 for channel in rgb)
