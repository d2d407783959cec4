"""Laws of the lighting axis: colours keep their names."""

from __future__ import annotations

import colorsys
import math

import numpy as np
import pytest
from drawn import LEVELS, drawn, scenarios

from scenarios.objects.colours import COLOURS, TARGET_COLOURS
from scenarios.perturbations.axes.lighting import BRIGHTER, COLDER_K, DIMMER, ELEVATION_DEG, WARMER_K, light_colour


def _nearest_hue(rgb: np.ndarray) -> str:
    def apart(name: str) -> float:
        gap = abs(colorsys.rgb_to_hsv(*COLOURS[name])[0] - colorsys.rgb_to_hsv(*rgb.tolist())[0])
        return min(gap, 1.0 - gap)

    return min(TARGET_COLOURS, key=apart)


@pytest.mark.parametrize("level", LEVELS)
def test_no_light_turns_the_colour_of_a_target_into_another(level: int) -> None:
    for strength in (DIMMER[level], BRIGHTER[level]):
        for kelvin in (WARMER_K[level], COLDER_K[level]):
            for facing in (0.0, 0.5, 1.0):
                lamp = 0.78 + 0.38 * facing * np.array(light_colour(kelvin))
                for name in TARGET_COLOURS:
                    assert _nearest_hue(np.clip(np.array(COLOURS[name]) * strength * lamp, 0.0, 1.0)) == name


def test_a_warm_lamp_lacks_blue_and_a_cold_one_red() -> None:
    assert light_colour(6500.0) == pytest.approx((1.0, 1.0, 1.0))
    red, green, blue = light_colour(2700.0)
    assert red == 1.0 > green > blue
    red, green, blue = light_colour(18000.0)
    assert red < green < blue == 1.0


@scenarios
def test_no_scenarios_own_lamp_is_as_low_as_a_perturbed_one(scenario: str) -> None:
    x, y, z = drawn(scenario, 0).light.direction
    assert math.degrees(math.atan2(z, math.hypot(x, y))) > ELEVATION_DEG[1]
