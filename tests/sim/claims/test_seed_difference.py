"""Laws of differences over training seeds and episodes: values by hand, and coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from sim.claims.seed_difference import measure_seed_difference


def test_the_mean_counts_scenarios_alike():
    found = measure_seed_difference([np.array([[1.0, 3.0], [1.0, 3.0]]), np.array([[0.0] * 3, [0.0] * 3])])
    assert found.difference == pytest.approx((2.0 + 0.0) / 2)
    assert (found.seeds, found.episodes) == (2, 5)


def test_with_seeds_that_differ_alone_it_is_student_s_interval_over_seeds():
    values = np.repeat([[0.1], [0.2], [0.6]], 50, axis=1)
    found = measure_seed_difference([values])
    half = t.ppf(0.975, 2) * np.std([0.1, 0.2, 0.6], ddof=1) / np.sqrt(3)
    assert found.difference == pytest.approx(0.3)
    assert found.high - found.difference == pytest.approx(half)
    assert found.difference - found.low == pytest.approx(half)


def test_with_episodes_that_differ_alone_it_is_student_s_interval_over_episodes():
    one = np.array([0.0, 0.0, 1.0, 1.0, 0.0])
    found = measure_seed_difference([np.tile(one, (3, 1))])
    half = t.ppf(0.975, 4) * one.std(ddof=1) / np.sqrt(5)
    assert found.high - found.difference == pytest.approx(half)


def test_variances_of_seeds_and_episodes_add_up_without_what_is_in_both():
    values = np.array([[1.0, 0.0], [0.0, 0.0]])  # by hand: seeds 0.5, 0; episodes 0.5, 0; rest +-0.25
    found = measure_seed_difference([values])
    of_seeds, of_episodes, of_pairs = 0.125 / 2, 0.125 / 2, 0.25 / 4
    variance = max(of_seeds + of_episodes - of_pairs, of_seeds, of_episodes)
    freedom = variance**2 / (of_seeds**2 + of_episodes**2)
    half = t.ppf(0.975, max(freedom, 1)) * np.sqrt(variance)
    assert found.high - found.difference == pytest.approx(half)


def test_one_seed_has_no_interval():
    found = measure_seed_difference([np.array([[0.1, 0.3]])])
    assert (found.difference, found.low, found.high) == (pytest.approx(0.2), None, None)


def test_rates_that_never_differ_in_a_few_episodes_have_an_interval():
    found = measure_seed_difference([np.zeros((3, 20))], [0.001])
    assert found.low < 0.0 < found.high
    exact = measure_seed_difference([np.zeros((3, 20))])
    assert (exact.low, exact.high) == (0.0, 0.0)


def test_a_scenario_of_few_equal_episodes_keeps_its_own_uncertainty():
    """It is half of the mean, however many episodes the other one has."""
    few, many = np.zeros((3, 2)), np.zeros((3, 400))
    both = measure_seed_difference([few, many], [2 / 4**2, 2 / 402**2])
    alone = measure_seed_difference([few], [2 / 4**2])
    assert both.high == pytest.approx(alone.high / 2.0, rel=0.3)


def test_one_episode_does_not_tell_how_much_episodes_differ():
    values = np.array([[-0.10], [-0.09], [-0.11]])
    assert measure_seed_difference([values]).low is None
    assert measure_seed_difference([values, np.zeros((3, 9))]).low is None
    assert measure_seed_difference([values], [2 / 3**2]).low < -0.5  # of rates, the variance is at least so much


@pytest.mark.parametrize(("of_seeds", "of_episodes"), [(0.1, 0.3), (0.0, 0.3), (0.3, 0.1), (0.05, 1.0)])
def test_the_interval_covers_the_true_difference_in_at_least_92_of_100_experiments(of_seeds, of_episodes):
    rng, covered, runs = np.random.default_rng(5), 0, 600
    for _ in range(runs):
        seeds, episodes = rng.normal(0, of_seeds, (3, 1)), rng.normal(0, of_episodes, (1, 40))
        found = measure_seed_difference([0.2 + seeds + episodes + rng.normal(0, 0.4, (3, 40))])
        covered += found.low <= 0.2 <= found.high
    assert covered / runs >= 0.92
