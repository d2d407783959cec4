"""Laws of the layout axis: things grow as a whole, and more of them stand free."""

from __future__ import annotations

import math

import pytest
from drawn import drawn, scenarios
from hypothesis import given
from hypothesis import strategies as st

from scenarios.navigation.clearance_grid import is_goal_reachable
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import build_chair
from scenarios.perturbations.axes.layout import EXTRA_PER_100_M2, scale_shape
from scenarios.world import Box, Compound, Cone, Cylinder, Shape, Sphere

SHAPES = (Box((0.3, 0.4, 1.0)), Cylinder(0.2, 0.5), Cone(0.2, 0.5), Sphere(0.3), build_chair(named_rgba("red")))
factors = st.floats(0.5, 2.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_factors_of_one_change_nothing(shape: Shape) -> None:
    assert scale_shape(shape, 1.0, 1.0) == shape


@given(st.sampled_from(SHAPES[:3]), factors, factors)
def test_a_scaled_shape_is_as_much_taller_as_it_was_asked_to_be(shape: Shape, wider: float, taller: float) -> None:
    assert scale_shape(shape, wider, taller).height_m == pytest.approx(taller * shape.height_m)


@given(factors, factors)
def test_the_parts_of_a_compound_stay_in_its_hull(wider: float, taller: float) -> None:
    scaled = scale_shape(SHAPES[-1], wider, taller)
    assert isinstance(scaled, Compound)
    for part in scaled.parts:
        assert abs(part.offset_m[2]) + part.shape.height_m / 2 <= scaled.height_m / 2 + 1e-9


@scenarios
def test_more_obstacles_stand_no_more_than_asked_for_and_the_goal_stays_in_reach(scenario: str) -> None:
    base, world = drawn(scenario, 0), drawn(scenario, 0, "layout=2")
    more = len(world.items) - len(base.items)
    area = base.bounds_m.length * base.bounds_m.width
    assert 0 <= more <= math.ceil(EXTRA_PER_100_M2[2] * area / 100.0)
    assert len({item.name for item in world.items}) == len(world.items)
    assert is_goal_reachable(world, world.clearance_m)
