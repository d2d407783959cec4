"""Laws of shapes."""

from __future__ import annotations

from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import build_person
from scenarios.world.shapes import Box, Compound, CompoundPart, Sphere, hull_shape


def test_a_compounds_hull_stands_for_it_and_a_primitive_for_itself() -> None:
    box = Box((0.3, 0.4, 1.0))
    assert hull_shape(box) is box
    assert hull_shape(Compound((CompoundPart(Sphere(0.1), (0.0, 0.0, 0.0)),), box)) is box
    somebody = build_person(named_rgba("red"))
    assert hull_shape(somebody).height_m == somebody.height_m
