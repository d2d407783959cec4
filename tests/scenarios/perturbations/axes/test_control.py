"""Laws of the axes between policy and base."""

from __future__ import annotations

import math

import pytest
from drawn import LEVELS, drawn

from scenarios.perturbations.axes.control import DELAY_S, GAIN, LATENCY_S, PERIOD_FACTOR, SLIP


@pytest.mark.parametrize("level", LEVELS)
def test_the_worst_axis_of_the_base_is_off_by_the_whole_gain(level: int) -> None:
    for episode in range(5):
        actuation = drawn("corridor", episode, f"actuation={level}").conditions.actuation
        assert max(abs(gain - 1.0) for gain in actuation.gain) == pytest.approx(GAIN[level])
        assert (actuation.slip, actuation.delay_s) == (SLIP[level], DELAY_S[level])


@pytest.mark.parametrize("level", LEVELS)
def test_delays_are_whole_multiples_of_what_an_actuator_can_be_late(level: int) -> None:
    assert math.remainder(DELAY_S[level], 0.025) == pytest.approx(0.0)


@pytest.mark.parametrize("level", LEVELS)
def test_the_policy_is_as_slow_and_as_seldom_asked_as_the_level_says(level: int) -> None:
    both = drawn("corridor", 0, f"latency={level}+control-rate={level}").conditions
    assert (both.latency_s, both.period_factor) == (LATENCY_S[level], PERIOD_FACTOR[level])
