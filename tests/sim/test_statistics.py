"""Laws of the intervals, and the numbers that everyone should know."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics import spearman, wilson

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(5, 10, 24, 76), (25, 50, 37, 63), (45, 50, 79, 96), (0, 50, 0, 7), (50, 50, 93, 100)],
)
def test_wilson_gives_the_published_numbers(successes, trials, low, high):
    interval = wilson(successes=successes, trials=trials)
    assert (round(100 * interval.low), round(100 * interval.high)) == (low, high)


@given(COUNTS)
def test_wilson_holds_the_rate_and_stays_within_bounds(counts):
    k, n = counts
    low, high = wilson(successes=k, trials=n)
    assert 0.0 <= low <= k / n <= high <= 1.0
    assert high > low


@given(COUNTS)
def test_wilson_is_symmetric_in_success_and_failure(counts):
    k, n = counts
    low, high = wilson(successes=k, trials=n)
    other = wilson(successes=n - k, trials=n)
    assert math.isclose(low, 1.0 - other.high, abs_tol=1e-12)
    assert math.isclose(high, 1.0 - other.low, abs_tol=1e-12)


@given(COUNTS)
def test_wilson_solves_the_score_equation(counts):
    """Each bound p lies z standard errors (of p itself) from the observed rate: so the score interval is defined."""
    k, n = counts
    for bound in wilson(successes=k, trials=n):
        if 0.0 < bound < 1.0:
            assert math.isclose(abs(k / n - bound), 1.959964 * math.sqrt(bound * (1 - bound) / n), rel_tol=1e-4)


@given(COUNTS, st.integers(2, 9))
def test_more_trials_at_the_same_rate_narrow_it(counts, factor):
    k, n = counts
    few, many = wilson(successes=k, trials=n), wilson(successes=k * factor, trials=n * factor)
    assert many.high - many.low < few.high - few.low


def test_without_trials_nothing_is_known():
    assert wilson(successes=0, trials=0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(ValueError, match="trials"):
        wilson(successes=successes, trials=trials)


def test_the_counts_can_not_be_swapped_by_position():
    with pytest.raises(TypeError):
        wilson(5, 10)


def test_spearman_of_a_monotone_relation_is_one_and_has_no_interval():
    found = spearman([0.01, 0.02, 0.03, 0.07], [0.9, 0.8, 0.5, 0.1])
    assert math.isclose(found.rho, -1.0)
    assert (found.low, found.high) == (None, None)


def test_the_interval_of_an_observed_rank_correlation_is_the_published_one():
    """With 20 policies an observed -0.61 means -0.83 to -0.23."""
    first = list(range(20))
    second = next(s for s in _permutations() if abs(spearman(first, s).rho + 0.61) < 0.003)
    found = spearman(first, second)
    assert found.low == pytest.approx(-0.83, abs=0.01)
    assert found.high == pytest.approx(-0.23, abs=0.01)


def _permutations():
    import numpy as np

    rng = np.random.Generator(np.random.PCG64(0))
    while True:
        yield (np.arange(20, 0, -1) + rng.normal(0, 6, 20)).tolist()


def test_spearman_is_symmetric_and_silent_where_one_side_does_not_vary():
    a, b = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]
    assert spearman(a, b) == spearman(b, a)
    assert spearman(a, [1.0] * 5).rho is None


def test_two_pairs_are_too_few():
    with pytest.raises(ValueError, match="three"):
        spearman([1.0, 2.0], [1.0, 2.0])
