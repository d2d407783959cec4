"""Laws of error statistics and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.offline.baselines import BASELINES
from sim.offline.error_statistics import (
    MAE,
    TOLERANCES,
    compare_mae,
    summarise_errors,
    to_baseline_errors,
    to_policy_errors,
)


def test_figures_by_hand():
    found = to_baseline_errors(summarise_errors([np.array([[0.2, 0.0], [-0.04, 0.05]]), np.array([[0.0, 0.3]])]))
    assert found.mae == pytest.approx(0.59 / 6)
    assert found.mae_axis == pytest.approx([0.24 / 3, 0.35 / 3])
    assert found.mse == pytest.approx((0.04 + 0.0016 + 0.0025 + 0.09) / 6)
    assert found.rmse == pytest.approx(np.sqrt(found.mse))


def test_a_frame_is_within_a_tolerance_if_its_every_axis_is():
    errors = np.array([[0.2, 0.0], [0.1, -0.1], [0.009, 0.3], [0.0, 0.0]], np.float32)
    rates = to_baseline_errors(summarise_errors([errors])).accuracy
    assert rates == {"0.2": 0.75, "0.1": 0.5, "0.05": 0.25, "0.01": 0.25}


def test_the_interval_resamples_whole_episodes_and_repeats():
    errors = [np.full((10, 3), value) for value in (0.1, 0.2, 0.3, 0.4)]
    low, high = summarise_errors(errors).interval(MAE)
    assert 0.0 <= low < 0.25 < high < 1.0
    assert (low, high) == summarise_errors(errors).interval(MAE)


def test_more_frames_of_the_same_episodes_do_not_narrow_the_interval():
    errors = [np.full((10, 3), value) for value in (0.1, 0.2, 0.3, 0.4)]
    longer = [np.repeat(episode, 50, axis=0) for episode in errors]
    assert summarise_errors(longer).interval(MAE) == pytest.approx(summarise_errors(errors).interval(MAE))


def test_a_difference_is_taken_over_the_same_episodes():
    hard_and_easy = [np.full((5, 3), value) for value in (0.1, 0.9, 0.2, 0.8)]
    worse = [errors + 0.05 for errors in hard_and_easy]
    found = compare_mae(summarise_errors(worse), summarise_errors(hard_and_easy))
    assert [found.difference, found.low, found.high] == pytest.approx([0.05] * 3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1, max_size=5), min_size=1, max_size=5))
def test_a_policy_is_compared_with_the_constant_of_the_lowest_mae_and_its_figures_are_those_of_a_baseline(episodes):
    own = summarise_errors([np.array(errors) for errors in episodes])
    others = {name: summarise_errors([np.full((3, 3), 0.1 * n)]) for n, name in enumerate(BASELINES, 1)}
    found, alike = to_policy_errors(own, others), to_baseline_errors(own)
    assert found.comparison.constant.baseline == "zero"
    assert found.comparison.constant.difference == pytest.approx(found.mae - 0.1)
    assert found.comparison.hold.difference == pytest.approx(found.mae - 0.5)
    assert (found.mae, found.low, found.high, found.mae_axis) == (alike.mae, alike.low, alike.high, alike.mae_axis)
    assert all(found.accuracy_rate(tolerance) == alike.accuracy_rate(tolerance) for tolerance in TOLERANCES)
    assert (found.low is None) == (len(episodes) == 1)
    assert found.low is None or found.low <= found.mae <= found.high
    assert found.rmse >= found.mae - 1e-9
