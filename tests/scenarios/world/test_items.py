"""Laws of items."""

from __future__ import annotations

import pytest

from scenarios.geometry import Pose2D
from scenarios.world.items import Item, footprint_radius
from scenarios.world.shapes import Box, Compound, CompoundPart, Cylinder, Shape, Sphere


@pytest.mark.parametrize(
    ("shape", "radius"),
    [
        (Box((0.3, 0.4, 1.0)), 0.25),
        (Cylinder(0.3, 1.0), 0.3),
        (Sphere(0.2), 0.2),
        (Compound((CompoundPart(Sphere(0.9), (0.0, 0.0, 0.0)),), Box((0.6, 0.8, 1.0))), 0.5),
    ],
)
def test_footprints_hold_the_floor_plan_of_the_hull(shape: Shape, radius: float) -> None:
    item = Item("thing", "thing", shape, Pose2D(1.0, 2.0, 0.3), 0.5, (1.0, 1.0, 1.0, 1.0), "obstacle")
    assert footprint_radius(item) == pytest.approx(radius)
