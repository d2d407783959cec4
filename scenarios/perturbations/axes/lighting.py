"""Lighting: another strength, colour temperature and direction of the light."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.world import World

# By level, level 0 first. At higher brightness, clipping would turn orange into yellow.
DIMMER = (1.0, 0.75, 0.50, 0.30)
BRIGHTER = (1.0, 1.10, 1.20, 1.30)
WARMER_K = (6500, 4800, 3600, 2700)
COLDER_K = (6500, 8000, 11000, 18000)
ELEVATION_DEG = (90, 40, 25, 12)  # no scenario's own light is lower than 49

NEUTRAL_K = 6500.0
WAVELENGTHS_M = (610e-9, 550e-9, 465e-9)  # about those of red, green and blue in displays and eyes
SECOND_RADIATION_M_K = 1.438777e-2  # hc/k, CODATA 2018
GAMMA = 2.2  # images are shown, and here also lit, in display values


def light_colour(kelvin: float) -> tuple[float, float, float]:
    """Compute the colour of a black body relative to one of 6500 K, in display values, with largest channel 1.

    Uses Planck's law at one wavelength per channel.
    """
    ratios = [
        math.expm1(SECOND_RADIATION_M_K / (wavelength * NEUTRAL_K))
        / math.expm1(SECOND_RADIATION_M_K / (wavelength * kelvin))
        for wavelength in WAVELENGTHS_M
    ]
    red, green, blue = ((ratio / max(ratios)) ** (1.0 / GAMMA) for ratio in ratios)
    return red, green, blue


def _lighting(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    strength = (DIMMER, BRIGHTER)[int(rng.integers(2))][level]
    kelvin = (WARMER_K, COLDER_K)[int(rng.integers(2))][level]
    azimuth, elevation = rng.uniform(-math.pi, math.pi), math.radians(ELEVATION_DEG[level])
    red, green, blue = (own * new for own, new in zip(base.light.colour, light_colour(kelvin), strict=True))
    light = replace(
        base.light,
        direction=(
            math.cos(elevation) * math.cos(azimuth),
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
        ),
        colour=(red, green, blue),
        ambient=base.light.ambient * strength,
        diffuse=base.light.diffuse * strength,
    )
    return replace(world, light=light)


AXIS = PerturbationAxis(
    "lighting",
    "the light has another strength, colour temperature and direction",
    describe_levels(
        lambda level: (
            f"brightness x{DIMMER[level]:.2f} or x{BRIGHTER[level]:.2f}; {WARMER_K[level]} or {COLDER_K[level]} K; "
            f"light from {ELEVATION_DEG[level]} deg above the floor"
        )
    ),
    _lighting,
)
