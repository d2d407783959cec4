"""Laws of the measurements of an episode."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import make_trace, make_world, poses_of

from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import MovingItem, Route
from sim.metrics.measurements import (
    EpisodeMeasurements,
    measure_clearance,
    measure_ndtw,
    measure_path_ratio,
    measure_policy_time,
    measure_progress,
    measure_soft_spl,
    measure_time_ratio,
)
from sim.rollout.episode import Outcome

TRACE = make_trace(poses_of(x=lambda t: t, seconds=3.0))
CHASE = make_world(movers=(MovingItem("ball", Route(((6.0, 0.0), (6.0, 2.0)), 0.4)),), hold_s=3.0)


def measured(status="success", steps=30, world=None, trace=TRACE) -> EpisodeMeasurements:
    return EpisodeMeasurements(trace, world or make_world(), Outcome(status, steps))


@given(st.integers(0, 10_000))
def test_time_is_a_whole_number_of_control_periods_without_the_noise_of_a_product(steps):
    assert measured(steps=steps).time_s == float(f"{steps * CONTROL_PERIOD_S:.1f}")


@pytest.mark.parametrize("status", ["collision", "timeout", "stuck", "wrong-target"])
def test_only_a_success_is_compared_with_the_optimum(status):
    assert math.isnan(measure_path_ratio(measured(status)))
    assert math.isnan(measure_time_ratio(measured(status)))
    assert measure_path_ratio(measured()) == pytest.approx(3.0 / 5.5)


def test_the_path_to_a_moving_goal_has_no_reference():
    assert measured(world=CHASE).goal_moves
    assert math.isnan(measure_ndtw(measured(world=CHASE)))
    assert 0.0 < measure_ndtw(measured()) <= 1.0


def test_progress_is_the_best_so_far_and_soft_spl_uses_the_end():
    away_and_back = make_trace(poses_of(x=lambda t: np.where(t < 2.0, t, 4.0 - t), seconds=4.0))
    episode = measured("timeout", 40, trace=away_and_back)
    assert measure_progress(episode) == pytest.approx(2.0 / 5.5)
    assert measure_soft_spl(episode) == pytest.approx(0.0)


def test_the_least_clearance_and_the_median_time_of_an_action_count():
    trace = make_trace(
        poses_of(x=lambda t: t, seconds=0.3), clearance_m=np.array([1.0, 0.2, 0.4, 0.9]), policy_ms=np.array([9, 1, 2])
    )
    assert measure_clearance(measured(steps=3, trace=trace)) == 0.2
    assert measure_policy_time(measured(steps=3, trace=trace)) == 2.0
    assert math.isnan(measure_policy_time(measured(steps=0, trace=make_trace(poses_of(seconds=0.0)))))
