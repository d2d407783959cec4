"""Laws of the bootstraps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.bootstrap import RESAMPLES, omit_constant, percentile_interval, ratio_interval, resample_counts
from sim.statistics.intervals import Interval


@given(st.integers(1, 40), st.integers(0, 5))
def test_a_resample_has_as_many_episodes_as_there_are(episodes, seed):
    counts = resample_counts(episodes, np.random.default_rng(seed))
    assert counts.shape == (RESAMPLES, episodes)
    assert (counts >= 0).all()
    assert (counts.sum(axis=1) == episodes).all()


def test_episodes_are_resampled_equally_often():
    counts = resample_counts(5, np.random.default_rng(0))
    assert counts.mean(axis=0) == pytest.approx([1.0] * 5, abs=0.1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_a_percentile_interval_leaves_at_most_a_fortieth_and_one_outside_on_either_side(values):
    low, high = percentile_interval(np.array(values))
    assert min(values) <= low <= high <= max(values)
    assert sum(value < low for value in values) <= 0.025 * (len(values) - 1) + 1
    assert sum(value > high for value in values) <= 0.025 * (len(values) - 1) + 1


@given(st.lists(st.tuples(st.floats(0.0, 9.0), st.integers(1, 50)), min_size=2, max_size=30))
def test_a_mean_over_frames_lies_in_its_interval_whatever_the_unit(episodes):
    means, frames = np.array(episodes, np.float64).T
    low, high = ratio_interval(means * frames, frames)
    assert low <= (means * frames).sum() / frames.sum() + 1e-9
    assert high >= (means * frames).sum() / frames.sum() - 1e-9
    assert ratio_interval(3.0 * means * frames, frames) == pytest.approx((3.0 * low, 3.0 * high), rel=1e-6, abs=1e-6)


def test_the_interval_of_many_episodes_is_that_of_the_normal_theory():
    low, high = ratio_interval(np.array([0.0, 1.0] * 200), np.ones(400))
    assert (low, high) == (pytest.approx(0.5 - 1.96 * 0.025, abs=0.004), pytest.approx(0.5 + 1.96 * 0.025, abs=0.004))


def test_the_interval_of_skewed_errors_reaches_farther_up():
    values = np.array([0.1] * 15 + [0.2, 0.3, 0.5, 1.0, 2.0])
    low, high = ratio_interval(values, np.ones(20))
    assert high - values.mean() > 1.5 * (values.mean() - low)


def test_equal_episodes_have_an_interval_without_width_and_a_single_one_has_none():
    assert ratio_interval(np.full(9, 0.3), np.ones(9)) == pytest.approx((0.3, 0.3))
    assert ratio_interval(np.array([4.0]), np.array([8.0])) is None


def test_an_interval_without_width_is_omitted():
    assert omit_constant(percentile_interval(np.full(50, 0.7))) is None
    assert omit_constant(Interval(0.2, 0.2 + 1e-12)) is None
    assert omit_constant(Interval(0.2, 0.3)) == (0.2, 0.3)
