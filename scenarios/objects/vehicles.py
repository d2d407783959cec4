"""Shapes of vehicles that move by themselves: a service robot, and a ball on a cart."""

from __future__ import annotations

from scenarios.objects.colours import scale_brightness
from scenarios.objects.furniture import METAL, RUBBER
from scenarios.world import RGBA, Box, Compound, CompoundPart, Cylinder, Sphere


def build_service_robot(colour: RGBA) -> Compound:
    """Build a round service robot facing +x: wheels, body, a white head with two eyes, and an aerial."""
    return Compound(
        (
            CompoundPart(Cylinder(0.20, 0.08), (0.0, 0.0, -0.36), RUBBER),
            CompoundPart(Cylinder(0.23, 0.36), (0.0, 0.0, -0.14), colour),
            CompoundPart(Cylinder(0.19, 0.05), (0.0, 0.0, 0.065), scale_brightness(colour, 0.7)),
            CompoundPart(Sphere(0.15), (0.0, 0.0, 0.17), (0.95, 0.95, 0.95, 1.0)),
            CompoundPart(Sphere(0.035), (0.125, 0.055, 0.20), RUBBER),
            CompoundPart(Sphere(0.035), (0.125, -0.055, 0.20), RUBBER),
            CompoundPart(Cylinder(0.012, 0.10), (0.0, 0.0, 0.345), METAL),
        ),
        Cylinder(0.23, 0.80),
    )


def build_ball_on_cart(colour: RGBA) -> Compound:
    """Build a flat grey cart facing +x that carries a large ball."""
    wheels = [(x, y, -0.26) for x in (0.14, -0.14) for y in (0.15, -0.15)]
    return Compound(
        (
            *(CompoundPart(Sphere(0.05), wheel, RUBBER) for wheel in wheels),
            CompoundPart(Box((0.44, 0.40, 0.08)), (0.0, 0.0, -0.18), METAL),
            CompoundPart(Cylinder(0.10, 0.05), (0.0, 0.0, -0.115), RUBBER),
            CompoundPart(Sphere(0.20), (0.0, 0.0, 0.11), colour),
        ),
        Box((0.44, 0.40, 0.62)),
    )
