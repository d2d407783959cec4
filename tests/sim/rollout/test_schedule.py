"""Laws of a schedule: when a policy is asked, when its action holds, and which policies fit the environment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
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


@pytest.mark.parametrize("period_s", [0.25, 0.05])
def test_a_period_that_is_not_a_whole_multiple_is_refused(period_s):
    with pytest.raises(InputError, match="whole multiple"):
        hold_steps(replace(SPEC, period_s=period_s))


@pytest.mark.parametrize(
    ("latency_s", "ticks", "every"), [(0.0, 0, 1), (0.001, 1, 1), (0.1, 4, 1), (0.101, 5, 2), (0.3, 12, 3)]
)
def test_latency_counts_in_whole_ticks_and_a_policy_is_not_asked_while_it_computes(latency_s, ticks, every):
    schedule = Schedule.of(1, latency_s)
    assert (schedule.period_steps, schedule.latency_ticks) == (every, ticks)


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


@given(hold=st.integers(1, 4), replan=st.integers(1, 6), chunk=st.integers(1, 8), late=st.integers(0, 20))
def test_each_action_of_a_chunk_is_driven_in_turn_and_the_last_one_is_held_on(hold, replan, chunk, late):
    schedule = Schedule(hold, late, replan)
    actions = np.arange(chunk * 3, dtype=np.float32).reshape(1, chunk, 3)
    for step in range(2 * schedule.period_steps):
        since = step % schedule.period_steps
        expected = actions[:, min(since // hold, chunk - 1)]
        assert np.array_equal(schedule.select_action(actions, step), expected)
        later = actions[:, min((since + schedule.period_steps) // hold, chunk - 1)]
        assert np.array_equal(schedule.select_earlier_action(actions, step), later)
        assert schedule.is_frame_step(step) == (since % hold == 0)


def test_a_policy_that_replans_every_four_actions_is_asked_every_four_actions():
    schedule = make_schedule(replace(SPEC, period_s=0.2, chunk=8, replan=4), [WORLD])
    assert [step for step in range(24) if schedule.is_inference_step(step)] == [0, 8, 16]


def test_worlds_that_are_disturbed_in_different_rhythms_share_no_block():
    with pytest.raises(ValueError, match="a block has one schedule"):
        make_schedule(SPEC, [WORLD, replace(WORLD, conditions=Conditions(latency_s=0.1))])


def test_a_policy_that_plays_its_chunks_itself_is_asked_for_each_action():
    schedule = make_schedule(replace(SPEC, chunk=8, replan=4, plays_chunk=True), [WORLD])
    assert schedule.period_steps == 1
