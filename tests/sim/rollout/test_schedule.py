"""Laws of a schedule: when a policy is asked, when its action holds, and which policies fit the environment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.policy import PolicySpec
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.robot import DRIVE_TICKS
from scenarios.world import Conditions
from sim.rollout.schedule import Schedule, hold_steps, make_schedule

SPEC = PolicySpec(name="fake", image_size=(224, 224), period_s=0.1, hold_action=(0.0, 0.0, 0.0))
WORLD = get_scenario("corridor").world(1, 0)


@pytest.mark.parametrize(("period_s", "steps"), [(0.1, 1), (0.3, 3), (2.0, 20)])
def test_an_action_is_held_for_its_period(period_s, steps):
    assert hold_steps(replace(SPEC, period_s=period_s)) == steps


@pytest.mark.parametrize("period_s", [0.25, 0.05, 0.0, -0.1, float("nan"), float("inf")])
def test_a_period_that_is_not_a_whole_multiple_is_refused(period_s):
    with pytest.raises(InputError, match="whole multiple"):
        hold_steps(replace(SPEC, period_s=period_s))


@pytest.mark.parametrize(
    ("change", "words"),
    [({"image_size": (96, 128)}, "96x128"), ({"action_convention": "waypoints"}, "'waypoints'")],
)
def test_a_spec_that_does_not_fit_is_refused_and_says_what_is(change, words):
    with pytest.raises(InputError, match=words):
        hold_steps(replace(SPEC, **change))


@pytest.mark.parametrize("hold", [(0.0, 0.0), (2.0, 0.0, 0.0), (0.0, float("nan"), 0.0)])
def test_a_hold_action_that_no_robot_could_execute_is_refused(hold):
    with pytest.raises(InputError, match="hold action"):
        hold_steps(replace(SPEC, hold_action=hold))


@pytest.mark.parametrize(
    ("latency_s", "ticks", "every"), [(0.0, 0, 1), (0.001, 1, 1), (0.1, 4, 1), (0.101, 5, 2), (0.3, 12, 3)]
)
def test_latency_counts_in_whole_ticks_and_a_policy_is_not_asked_while_it_computes(latency_s, ticks, every):
    assert Schedule.of(1, latency_s) == Schedule(every, ticks)


@given(period=st.integers(1, 5), latency_ms=st.integers(0, 900), inference=st.integers(0, 5))
def test_the_earlier_action_holds_for_exactly_the_latency(period, latency_ms, inference):
    schedule = Schedule.of(period, latency_ms / 1000)
    asked = inference * schedule.period_steps
    steps = range(asked, asked + schedule.period_steps)
    assert [schedule.is_inference_step(step) for step in steps] == [True] + [False] * (len(steps) - 1)
    delays = [schedule.delay_ticks(step) for step in steps]
    assert sum(delays) == schedule.latency_ticks
    assert delays == sorted(delays, reverse=True)
    assert set(delays) <= set(range(DRIVE_TICKS + 1))


def test_what_the_worlds_add_comes_on_top():
    worlds = [replace(WORLD, conditions=Conditions(latency_s=0.05, period_factor=2))] * 2
    assert make_schedule(replace(SPEC, period_s=0.3), worlds, 0.1) == Schedule(6, 6)
    assert make_schedule(SPEC, [WORLD]) == Schedule(1, 0)


def test_worlds_that_are_disturbed_in_different_rhythms_share_no_block():
    with pytest.raises(ValueError, match="a block has one schedule"):
        make_schedule(SPEC, [WORLD, replace(WORLD, conditions=Conditions(latency_s=0.1))])
