"""Laws of the rank correlations, and published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.correlation import correlate_rows, kendall, kendall_interval, pearson_rows, spearman


def test_spearman_of_a_monotone_relation_is_one_and_has_no_interval():
    found = spearman([0.01, 0.02, 0.03, 0.07], [0.9, 0.8, 0.5, 0.1])
    assert math.isclose(found.value, -1.0)
    assert (found.low, found.high) == (None, None)


def test_the_interval_has_bonett_and_wright_s_variance_and_its_outer_end_starts_from_the_unbiased_estimate():
    first, second = list(range(20)), [19, 17, 18, 12, 16, 5, 14, 13, 1, 10, 11, 8, 15, 6, 0, 4, 9, 3, 7, 2]
    rho, tau = spearman(first, second), kendall(first, second).value
    half = 1.959964 * math.sqrt((1 + rho.value**2 / 2) / 17)
    assert rho.high == pytest.approx(math.tanh(math.atanh(rho.value) + half))
    assert rho.low == pytest.approx(math.tanh(math.atanh((21 * rho.value - 3 * tau) / 18) - half))


def test_four_pairs_have_no_interval_and_five_have_one_of_rho_alone():
    first, second = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]
    assert spearman(first[:4], second[:4]).low is None
    assert spearman(first, second).low is not None
    assert kendall(first, second).low is None


def test_many_ties_widen_the_interval_of_tau_beyond_that_of_the_formula():
    first, second = list(range(60)), [0, 1] * 30
    low, high = kendall_interval(np.array([first], float), np.array([second], float))
    formula = 2.0 * 1.96 * math.sqrt(0.437 / 56)
    assert float(high[0] - low[0]) > 1.2 * formula


def test_spearman_is_symmetric_and_undefined_where_one_side_does_not_vary():
    a, b = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]
    assert spearman(a, b) == spearman(b, a)
    assert spearman(a, [1.0] * 5).value is None


def test_fewer_than_three_pairs_are_an_error():
    with pytest.raises(ValueError, match="three"):
        spearman([1.0, 2.0], [1.0, 2.0])


def test_kendalls_tau_counts_pairs_and_corrects_for_ties():
    found = kendall([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 1.0, 2.0])
    assert found.value == pytest.approx(-13 / 15)  # 14 pairs of 15 the other way round, one the same way
    assert -1.0 < found.low < -13 / 15 < found.high < 1.0
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


def test_weights_count_pairs_as_often_as_copies_would():
    rng = np.random.default_rng(0)
    first, second, weights = rng.integers(0, 4, (3, 8)), rng.integers(0, 4, (3, 8)), rng.integers(0, 3, (3, 8))
    rho, tau = correlate_rows(first, second, weights)
    linear = pearson_rows(first, second, weights)
    for row, count in enumerate(weights):
        one, other = np.repeat(first[row], count), np.repeat(second[row], count)
        assert rho[row] == pytest.approx(spearman(one, other).value)
        assert tau[row] == pytest.approx(kendall(one, other).value)
        assert linear[row] == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_pearson_of_rows_that_do_not_vary_is_undefined():
    assert np.isnan(pearson_rows(np.array([[0.1, 0.1, 0.1]]), np.array([[1.0, 2.0, 3.0]]))[0])


def test_pearson_of_copies_that_alone_count_is_undefined():
    weights = np.array([[2.0, 1.0, 0.0]])
    assert np.isnan(pearson_rows(np.array([[0.1, 0.1, 0.7]]), np.array([[1.0, 2.0, 3.0]]), weights)[0])
