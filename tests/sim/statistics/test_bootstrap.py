"""Laws of the bootstraps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.bootstrap import RESAMPLES, bootstrap_mean, percentile_interval, resample_counts


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


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=80))
def test_a_bootstrapped_mean_stays_among_the_values_whatever_their_order(values):
    low, high = bootstrap_mean(values)
    assert min(values) <= low <= high <= max(values)
    assert bootstrap_mean(values[::-1]) == (low, high)


def test_a_bootstrapped_mean_is_about_as_wide_as_the_normal_theory_says():
    low, high = bootstrap_mean([0.0, 1.0] * 200)
    assert (low, high) == (pytest.approx(0.5 - 1.96 * 0.025, abs=0.004), pytest.approx(0.5 + 1.96 * 0.025, abs=0.004))
    with pytest.raises(ValueError, match="no values"):
        bootstrap_mean([])
