"""Laws of the power computations, and known numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.correlation import spearman_interval
from sim.statistics.power import episodes_for_difference, episodes_for_reliability, policies_for_correlation


@pytest.mark.parametrize(("one", "other", "episodes"), [(0.5, 0.6, 388), (0.8, 0.9, 199), (0.9, 0.8, 199)])
def test_known_numbers_of_episodes_tell_two_rates_apart(one, other, episodes):
    assert episodes_for_difference(one, other) == episodes
    assert episodes_for_difference(one, one) is None


def draw_pairs(rng, rho, reliability, policies, repeats=3000):
    """Normal pairs whose Spearman's rho is as given, with noise on one side."""
    normal = 2.0 * np.sin(np.pi * rho / 6.0)
    first = rng.standard_normal((repeats, policies))
    second = normal * first + np.sqrt(1.0 - normal**2) * rng.standard_normal(first.shape)
    return first, second + np.sqrt(1.0 / reliability - 1.0) * rng.standard_normal(first.shape)


@pytest.mark.parametrize(("rho", "reliability"), [(0.5, 1.0), (0.5, 0.7), (0.35, 0.9)])
def test_so_many_policies_tell_a_correlation_from_none_in_four_of_five_cases(rho, reliability):
    policies = policies_for_correlation(rho, reliability=reliability)
    low, _ = spearman_interval(*draw_pairs(np.random.default_rng(0), rho, reliability, policies, 1000))
    assert 0.74 <= np.mean(low > 0.0) <= 0.86


def test_related_policies_and_weaker_correlations_take_more():
    assert policies_for_correlation(0.5) < policies_for_correlation(0.4)
    assert policies_for_correlation(0.5, design_effect=2.0) > 1.8 * policies_for_correlation(0.5)
    assert policies_for_correlation(-0.5) == policies_for_correlation(0.5)


def test_twice_the_episodes_have_the_reliability_of_spearman_and_brown():
    assert episodes_for_reliability(50, 0.5, wanted=2 / 3) == 100
    assert episodes_for_reliability(50, 0.9, wanted=0.9) == 50
    assert episodes_for_reliability(50, 0.0, wanted=0.9) is None


@pytest.mark.parametrize(("rho", "options"), [(0.0, {}), (1.0, {}), (0.5, {"reliability": 0.0})])
def test_there_is_no_power_where_there_is_nothing_to_tell(rho, options):
    with pytest.raises(ValueError, match="no power"):
        policies_for_correlation(rho, **options)
