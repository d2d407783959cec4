"""Laws of vehicles: each fills its hull, and bears its colour."""

from __future__ import annotations

import pytest

from scenarios.objects.colours import named_rgba
from scenarios.objects.vehicles import build_ball_on_cart, build_service_robot
from scenarios.world import Box, Primitive

BUILDERS = (build_service_robot, build_ball_on_cart)


def radius_of(shape: Primitive) -> float:
    return max(shape.size_m[:2]) / 2 if isinstance(shape, Box) else shape.radius_m


@pytest.mark.parametrize("build", BUILDERS)
def test_a_vehicle_stands_on_the_floor_and_ends_at_its_hulls_top(build) -> None:
    made = build(named_rgba("red"))
    low = min(part.offset_m[2] - part.shape.height_m / 2 for part in made.parts)
    high = max(part.offset_m[2] + part.shape.height_m / 2 for part in made.parts)
    assert (low, high) == pytest.approx((-made.height_m / 2, made.height_m / 2), abs=0.011)


@pytest.mark.parametrize("build", BUILDERS)
def test_no_part_sticks_out_at_the_sides(build) -> None:
    made = build(named_rgba("red"))
    for part in made.parts:
        assert max(map(abs, part.offset_m[:2])) + radius_of(part.shape) <= radius_of(made.hull) + 1e-9


@pytest.mark.parametrize("build", BUILDERS)
def test_a_vehicle_bears_the_colour_that_it_is_called_by(build) -> None:
    assert named_rgba("green") in {part.rgba for part in build(named_rgba("green")).parts}
