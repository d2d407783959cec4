"""Things are what they seem: their parts fill their hull, and none sticks out of what a robot collides with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import FURNITURE, build_cup, build_person
from scenarios.world import Box, Compound, CompoundPart

SLACK_M = 0.03  # corners of hulls that are round, gaps that keep surfaces apart
LARGEST_COMPOUND = 16


def _edges(part: CompoundPart) -> tuple[float, float]:
    """Half extents over x and y."""
    shape = part.shape
    return (shape.size_m[0] / 2, shape.size_m[1] / 2) if isinstance(shape, Box) else (shape.radius_m,) * 2


def _reach(part: CompoundPart) -> float:
    """From the compound's axis to the farthest point of the part's floor plan."""
    x, y = abs(part.offset_m[0]), abs(part.offset_m[1])
    half_x, half_y = _edges(part)
    return math.hypot(x + half_x, y + half_y) if isinstance(part.shape, Box) else math.hypot(x, y) + half_x


def _check(thing: Compound) -> None:
    top = max(part.offset_m[2] + part.shape.height_m / 2 for part in thing.parts)
    bottom = min(part.offset_m[2] - part.shape.height_m / 2 for part in thing.parts)
    assert len(thing.parts) <= LARGEST_COMPOUND
    assert top == pytest.approx(thing.height_m / 2, abs=0.012)
    assert bottom == pytest.approx(-thing.height_m / 2, abs=1e-9)
    if isinstance(thing.hull, Box):
        for axis in (0, 1):
            for sign in (1, -1):
                reach = max(sign * part.offset_m[axis] + _edges(part)[axis] for part in thing.parts)
                assert reach == pytest.approx(thing.hull.size_m[axis] / 2, abs=0.005)
    else:
        reach = max(_reach(part) for part in thing.parts)
        assert thing.hull.radius_m - SLACK_M <= reach <= thing.hull.radius_m + 0.005


@pytest.mark.parametrize("name", FURNITURE)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31 - 1))
def test_furniture_fills_its_hull_and_stays_inside(name: str, seed: int) -> None:
    _check(FURNITURE[name](np.random.default_rng(seed), named_rgba("green")))


@given(height=st.floats(1.1, 1.95), stride=st.floats(0.0, 0.3))
def test_people_fill_their_hull_and_stay_inside(height: float, stride: float) -> None:
    _check(build_person(named_rgba("red"), height=height, stride=stride))


@given(radius=st.floats(0.08, 0.2), height=st.floats(0.2, 0.5))
def test_cups_fill_their_hull_and_stay_inside(radius: float, height: float) -> None:
    _check(build_cup(named_rgba("red"), radius, height))


def test_a_things_colour_is_that_of_its_largest_parts() -> None:
    red, blue = build_cup(named_rgba("red")), build_cup(named_rgba("blue"))
    differing = [a for a, b in zip(red.parts, blue.parts, strict=True) if a.rgba != b.rgba]
    assert len(differing) >= len(red.parts) - 2  # all but the rim and what is in it
