"""Laws of the intervals, and published numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.intervals import mean_interval, paired_difference, wilson_interval

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(5, 10, 24, 76), (25, 50, 37, 63), (45, 50, 79, 96), (0, 50, 0, 7), (50, 50, 93, 100)],
)
def test_wilson_gives_the_published_numbers(successes, trials, low, high):
    interval = wilson_interval(successes=successes, trials=trials)
    assert (round(100 * interval.low), round(100 * interval.high)) == (low, high)


@given(COUNTS)
def test_wilson_contains_the_rate_and_stays_within_bounds(counts):
    k, n = counts
    low, high = wilson_interval(successes=k, trials=n)
    assert 0.0 <= low <= k / n <= high <= 1.0
    assert high > low


@given(COUNTS)
def test_wilson_is_symmetric_in_success_and_failure(counts):
    k, n = counts
    low, high = wilson_interval(successes=k, trials=n)
    other = wilson_interval(successes=n - k, trials=n)
    assert math.isclose(low, 1.0 - other.high, abs_tol=1e-12)
    assert math.isclose(high, 1.0 - other.low, abs_tol=1e-12)


@given(COUNTS)
def test_wilson_solves_the_score_equation(counts):
    """By definition, each bound p lies z standard errors (of p itself) from the observed rate."""
    k, n = counts
    for bound in wilson_interval(successes=k, trials=n):
        if 0.0 < bound < 1.0:
            assert math.isclose(abs(k / n - bound), 1.959964 * math.sqrt(bound * (1 - bound) / n), rel_tol=1e-4)


@given(COUNTS, st.integers(2, 9))
def test_more_trials_at_the_same_rate_narrow_it(counts, factor):
    k, n = counts
    few, many = wilson_interval(successes=k, trials=n), wilson_interval(successes=k * factor, trials=n * factor)
    assert many.high - many.low < few.high - few.low


def test_without_trials_nothing_is_known():
    assert wilson_interval(successes=0, trials=0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_an_error(successes, trials):
    with pytest.raises(ValueError, match="trials"):
        wilson_interval(successes=successes, trials=trials)


def test_the_counts_are_keywords_so_they_cannot_be_swapped():
    with pytest.raises(TypeError):
        wilson_interval(5, 10)


PAIRS = st.tuples(*[st.integers(0, 60)] * 4).filter(any)
NAMES = ("both", "gained", "lost", "neither")


def paired(counts):
    return paired_difference(**dict(zip(NAMES, counts, strict=True)))


def test_paired_differences_worked_by_hand():
    """Airway responsiveness (Fagerland et al. 2014): 8/23 - 2/23, +-1.96 sqrt((10/23 - (6/23)^2) / 23)."""
    found = paired((1, 7, 1, 12))
    assert found.difference == pytest.approx(6 / 21)
    assert (round(found.low, 3), round(found.high, 3)) == (0.013, 0.508)
    unchanged = paired((20, 0, 0, 20))  # 1/42 gained and lost
    assert unchanged.high == pytest.approx(1.959964 * math.sqrt(2 / 42 / 42), abs=1e-6)
    assert unchanged.low == pytest.approx(-unchanged.high)


@given(PAIRS)
def test_a_paired_difference_lies_in_its_interval_and_that_within_bounds(counts):
    _, gained, lost, _ = counts
    difference, low, high = paired(counts)
    assert difference == pytest.approx((gained - lost) / sum(counts))
    assert -1.0 <= low <= difference <= high <= 1.0
    assert high > low


@given(PAIRS)
def test_swapping_before_and_after_negates_the_interval(counts):
    both, gained, lost, neither = counts
    there, back = paired(counts), paired((both, lost, gained, neither))
    assert (there.low, there.high) == (pytest.approx(-back.high, abs=1e-9), pytest.approx(-back.low, abs=1e-9))


@given(PAIRS)
def test_counting_failures_in_place_of_successes_negates_the_interval(counts):
    both, gained, lost, neither = counts
    there, back = paired(counts), paired((neither, lost, gained, both))
    assert (there.low, there.high) == (pytest.approx(-back.high, abs=1e-9), pytest.approx(-back.low, abs=1e-9))


@given(st.integers(1, 40), st.integers(0, 40), st.integers(2, 9))
def test_more_pairs_of_the_same_kind_narrow_it(changed, same, factor):
    few, many = paired((same, changed, 0, same)), paired((same * factor, changed * factor, 0, same * factor))
    assert many.high - many.low < few.high - few.low


def test_pairing_narrows_the_interval_of_two_independent_samples():
    assert paired((20, 2, 3, 15)).high < paired((12, 10, 11, 7)).high


def test_the_interval_covers_the_true_difference_about_95_percent_of_the_time():
    """Of 40 pairs at the rates 0.8 and 0.65, 30 of 40 kept: about 95 % of 1000 intervals contain -0.15."""
    import numpy as np

    draws = np.random.Generator(np.random.PCG64(5)).multinomial(40, [0.6, 0.05, 0.2, 0.15], 1000)
    held = [found.low <= -0.15 <= found.high for found in map(paired, draws.tolist())]
    assert 0.93 <= sum(held) / len(held) <= 0.98


@pytest.mark.parametrize(("counts", "words"), [((0, 0, 0, 0), "no pairs"), ((1, -1, 0, 0), "negative")])
def test_impossible_pairs_are_an_error(counts, words):
    with pytest.raises(ValueError, match=words):
        paired(counts)


def test_the_mean_of_independent_numbers_is_narrower_than_each():
    assert mean_interval([(0.1, 0.08, 0.14)]) == pytest.approx((0.1, 0.08, 0.14))
    assert mean_interval([(0.1, 0.08, 0.14), (0.3, 0.28, 0.34)]) == pytest.approx(
        (0.2, 0.2 - 0.02 / math.sqrt(2), 0.2 + 0.04 / math.sqrt(2))
    )
    with pytest.raises(ValueError, match="no numbers"):
        mean_interval([])


NUMBERS = st.tuples(st.floats(-9, 9), st.floats(0, 5), st.floats(0, 5)).map(lambda n: (n[0], n[0] - n[1], n[0] + n[2]))


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_a_mean_lies_in_its_interval_which_is_no_wider_than_the_mean_width_of_theirs(numbers):
    mean, low, high = mean_interval(numbers)
    assert low <= mean <= high
    widths = [upper - lower for _, lower, upper in numbers]
    assert high - low <= sum(widths) / len(widths) + 1e-9
