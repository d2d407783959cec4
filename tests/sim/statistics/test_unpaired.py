"""Laws of the difference of two independent estimates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from sim.statistics.unpaired import Counts, Estimate, unpaired_difference, unpaired_rate_difference


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # Newcombe 1998, table II, method 10, cases (a) to (d), second less first
        ((48, 80), (56, 70), (0.0524, 0.3339)),
        ((3, 10), (9, 10), (0.1705, 0.8090)),
        ((2, 7), (6, 7), (0.0582, 0.8062)),
        ((0, 29), (5, 56), (-0.0381, 0.1926)),
    ],
)
def test_the_interval_of_a_difference_of_rates_is_the_published_one(first, second, expected):
    found = unpaired_rate_difference(Counts(*first), Counts(*second))
    assert found.difference == pytest.approx(second[0] / second[1] - first[0] / first[1])
    assert (found.low, found.high) == pytest.approx(expected, abs=5e-5)


def test_exchanging_the_estimates_turns_the_sign():
    one, other = Estimate(0.3, 0.1, 0.6), Estimate(0.8, 0.7, 0.85)
    there, back = unpaired_difference(one, other), unpaired_difference(other, one)
    assert (there.difference, there.low, there.high) == pytest.approx((-back.difference, -back.high, -back.low))


def test_a_difference_stays_within_minus_one_and_one_and_its_interval_is_never_a_point():
    for first, second in (((0, 5), (5, 5)), ((5, 5), (0, 5)), ((5, 5), (5, 5))):
        found = unpaired_rate_difference(Counts(*first), Counts(*second))
        assert -1.0 <= found.low <= found.difference <= found.high <= 1.0
        assert found.high - found.low > 0.3


@pytest.mark.parametrize(("one", "other"), [(5, 5), (5, 30), (20, 20), (25, 35), (200, 200)])
def test_an_interval_contains_the_true_difference_in_92_of_100_cases_or_more(one, other):
    """Exactly, over all outcomes, for rates from 0.02 to 0.98 that differ by up to 0.5."""
    found = [
        [unpaired_rate_difference(Counts(i, one), Counts(j, other)) for j in range(other + 1)] for i in range(one + 1)
    ]
    lows, highs = (np.array([[each[side] for each in row] for row in found]) for side in (1, 2))
    rates = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
    for first in rates:
        for second in rates:
            if abs(second - first) > 0.5:
                continue
            inside = (lows <= second - first + 1e-12) & (highs >= second - first - 1e-12)
            weights = np.outer(binom.pmf(range(one + 1), one, first), binom.pmf(range(other + 1), other, second))
            assert (weights * inside).sum() > 0.92, (first, second)
