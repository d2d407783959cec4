"""Laws of the intervals of rank correlations over episodes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.correlation import spearman
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import (
    combine_intervals,
    correlation_interval,
    measure_reliability,
)


def resample(true, noise, count=4000):
    rng = np.random.default_rng(0)
    estimates = true + noise * rng.standard_normal(true.shape)
    return estimates, estimates + noise * rng.standard_normal((count, len(true)))


def test_reliability_is_the_share_of_variance_that_is_not_noise():
    true = np.random.default_rng(1).standard_normal(60)
    assert measure_reliability(*resample(true, 1e-9)) == pytest.approx(1.0, abs=1e-3)
    estimates, resampled = resample(true, 0.7, 400)
    assert measure_reliability(estimates, resampled) == pytest.approx(spearman(true, estimates).value ** 2, abs=0.12)
    assert measure_reliability(*resample(np.zeros(60), 1.0, 400)) < 0.3


@given(st.floats(-1.0, 1.0), st.lists(st.floats(-1.0, 1.0), min_size=5, max_size=60), st.floats(0.5, 1.0))
def test_a_correlation_lies_in_its_interval_and_the_opposite_one_in_the_mirror_image(value, resampled, reliability):
    draws = np.array([*resampled, np.nan])
    low, high = correlation_interval(value, draws, reliability=reliability, episodes=40)
    assert -1.0 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1.0
    mirrored = correlation_interval(-value, -draws, reliability=reliability, episodes=40)
    assert mirrored == pytest.approx((-high, -low))


def test_noise_that_weakens_a_correlation_does_not_hide_the_strong_one():
    draws = np.random.default_rng(0).normal(0.5, 0.05, 2000)  # of a true correlation near 0.97
    assert correlation_interval(0.7, draws, reliability=0.52, episodes=40).high > 0.97


def test_an_interval_over_both_is_wider_than_either_and_that_of_one_where_the_other_has_no_width():
    one, other = Interval(0.2, 0.9), Interval(0.5, 0.8)
    low, high = combine_intervals(0.6, one, other)
    assert low < one.low
    assert high > one.high
    assert combine_intervals(0.6, one, Interval(0.6, 0.6)) == pytest.approx(one)
