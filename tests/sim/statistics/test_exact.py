"""Laws of the intervals from exact tests, and published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.exact import (
    binomial_mass,
    fit_multinomial,
    mean_score_interval,
    measure_blaker_p,
    measure_tails,
    success_interval,
)

SCORES = np.linspace(-1.0, 1.0, 5)
counts_of_scores = st.lists(st.integers(0, 12), min_size=5, max_size=5).filter(any)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.283), (1, 10, 0.005, 0.444), (2, 10, 0.037, 0.556), (3, 10, 0.087, 0.619), (5, 10, 0.222, 0.778)],
)
def test_success_rates_have_the_published_intervals(successes, trials, low, high):
    assert success_interval(successes=successes, trials=trials) == pytest.approx((low, high), abs=0.0006)


@given(st.integers(1, 60), st.data())
def test_a_rate_lies_in_its_interval_and_failures_have_its_mirror_image(trials, data):
    successes = data.draw(st.integers(0, trials))
    low, high = success_interval(successes=successes, trials=trials)
    assert 0.0 <= low <= successes / trials <= high <= 1.0
    mirrored = success_interval(successes=trials - successes, trials=trials)
    assert mirrored == pytest.approx((1.0 - high, 1.0 - low), abs=1e-6)


@pytest.mark.parametrize("trials", [5, 12, 40])
def test_a_success_rate_is_covered_at_least_95_times_in_100_at_every_rate(trials):
    rates = np.linspace(0.001, 0.999, 333)
    ends = np.array([success_interval(successes=k, trials=trials) for k in range(trials + 1)])
    inside = (ends[:, 0] <= rates[:, None] + 1e-6) & (rates[:, None] - 1e-6 <= ends[:, 1])  # (rates, counts)
    assert (binomial_mass(rates, trials) * inside).sum(axis=1).min() > 0.9499


def test_no_trials_say_nothing_and_impossible_counts_are_refused():
    assert success_interval(successes=0, trials=0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="6 successes in 5 trials"):
        success_interval(successes=6, trials=5)


def test_the_p_value_of_the_observed_rate_is_one_and_falls_away_from_it():
    p_values = measure_blaker_p(np.array([0.1, 0.3, 0.5, 0.7, 0.9]), 10, 20)
    assert p_values[2] == pytest.approx(1.0)
    assert p_values[0] < p_values[1] < p_values[2] > p_values[3] > p_values[4]


@given(counts_of_scores)
def test_a_mean_score_lies_in_its_interval_and_opposite_scores_have_its_mirror_image(counts):
    low, high = mean_score_interval(counts)
    mean = float(np.array(counts) @ SCORES) / sum(counts)
    assert -1.0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1.0
    assert mean_score_interval(counts[::-1]) == pytest.approx((-high, -low), abs=1e-6)


def test_perfect_scores_have_the_mid_p_bound_of_a_rate_since_one_more_may_be_the_opposite():
    low, high = mean_score_interval([0, 0, 0, 0, 20])
    assert low == pytest.approx(2.0 * 0.05 ** (1 / 20) - 1.0, abs=1e-6)
    assert high == 1.0


def test_more_scores_of_the_same_shares_narrow_the_interval():
    few, many = mean_score_interval([1, 0, 2, 1, 6]), mean_score_interval([10, 0, 20, 10, 60])
    assert many.high - many.low < 0.5 * (few.high - few.low)


@given(counts_of_scores, st.floats(-0.95, 0.95))
def test_a_fitted_multinomial_has_the_asked_mean_and_keeps_the_counts_where_that_is_their_own(counts, mean):
    number = np.array([counts], np.float64)
    fitted = fit_multinomial(number, np.array([mean]))
    assert fitted.sum() == pytest.approx(1.0)
    assert (fitted >= 0.0).all()
    assert float(fitted[0] @ SCORES) == pytest.approx(mean, abs=1e-6)
    own = float(number[0] @ SCORES) / number.sum()
    if abs(own) < 1.0:
        assert fit_multinomial(number, np.array([own]))[0] == pytest.approx(number[0] / number.sum(), abs=1e-6)


def test_both_tails_share_the_observed_sum():
    below, above = measure_tails(np.array([[1.0, 0.0, 2.0, 0.0, 1.0]]), np.array([0.0]))
    assert (below[0], above[0]) == pytest.approx((0.5, 0.5))
