"""Laws of the rank correlations, and published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.correlation import correlate_rows, kendall, spearman


def test_spearman_of_a_monotone_relation_is_one_and_has_no_interval():
    found = spearman([0.01, 0.02, 0.03, 0.07], [0.9, 0.8, 0.5, 0.1])
    assert math.isclose(found.value, -1.0)
    assert (found.low, found.high) == (None, None)


def test_the_interval_of_an_observed_rank_correlation_is_the_published_one():
    """With 20 policies an observed -0.61 means -0.83 to -0.23."""
    first = list(range(20))
    second = next(s for s in _permutations() if abs(spearman(first, s).value + 0.61) < 0.003)
    found = spearman(first, second)
    assert found.low == pytest.approx(-0.83, abs=0.01)
    assert found.high == pytest.approx(-0.23, abs=0.01)


def _permutations():
    rng = np.random.Generator(np.random.PCG64(0))
    while True:
        yield (np.arange(20, 0, -1) + rng.normal(0, 6, 20)).tolist()


def test_spearman_is_symmetric_and_undefined_where_one_side_does_not_vary():
    a, b = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]
    assert spearman(a, b) == spearman(b, a)
    assert spearman(a, [1.0] * 5).value is None


def test_fewer_than_three_pairs_are_an_error():
    with pytest.raises(ValueError, match="three"):
        spearman([1.0, 2.0], [1.0, 2.0])


def test_kendalls_tau_counts_pairs_and_corrects_for_ties():
    found = kendall([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 1.0, 2.0])
    assert found.value == pytest.approx(-0.8)  # nine pairs of ten the other way round, one the same way
    assert -1.0 < found.low < -0.8 < found.high < 1.0
    tied = kendall([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 2.0, 2.0])
    assert tied.value == pytest.approx(4 / math.sqrt(6 * 4))
    assert (tied.low, tied.high) == (None, None)


RANKED = st.lists(st.integers(0, 6), min_size=3, max_size=9)


@given(st.data())
def test_correlating_many_rows_at_once_equals_one_at_a_time(data):
    first = data.draw(RANKED)
    second = data.draw(st.lists(st.integers(0, 6), min_size=len(first), max_size=len(first)))
    rho, tau = correlate_rows(np.array([first, second]), np.array([second, first]))
    expected = spearman(first, second).value, kendall(first, second).value
    for found, value in zip((rho, tau), expected, strict=True):
        assert found[0] == pytest.approx(found[1], nan_ok=True)
        assert math.isnan(found[0]) if value is None else found[0] == pytest.approx(value)


@given(RANKED, st.data())
def test_a_correlation_depends_on_order_alone(first, data):
    second = data.draw(st.lists(st.integers(0, 6), min_size=len(first), max_size=len(first)))
    for correlate in (spearman, kendall):
        found, stretched = correlate(first, second), correlate([value**3 + 7 for value in first], second)
        assert stretched == pytest.approx(found, nan_ok=True) if found.value is not None else stretched == found
