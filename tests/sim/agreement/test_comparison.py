"""Laws of units that are compared, and of their resamples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agreement.comparison import Comparison


def compare(successes, values, clusters=None, groups=None):
    """Units in one scenario: (episodes, n) successes, (recorded episodes, n) values."""
    won, seen = np.asarray(successes, float), np.asarray(values, float)
    count = won.shape[1]
    return Comparison(
        names=tuple(f"unit-{place}" for place in range(count)),
        groups=np.array(groups or ["all"] * count),
        clusters=np.array(clusters or [str(place) for place in range(count)]),
        noun="families",
        successes=(won,),
        even=(np.arange(len(won)) % 2 == 0,),
        values=(seen,),
        left_out={},
    )


def steps(rates, episodes=100):
    """Units that succeed in the first episodes of the same suite, mixed so that both halves are alike."""
    return np.arange(episodes)[:, None] // 2 < np.asarray(rates) * episodes / 2


def test_figures_are_means_over_scenarios_of_means_over_episodes_and_undefined_values_do_not_count():
    one = compare([[1, 0], [0, 0]], [[0.2, np.nan], [0.4, 0.7]])
    two = replace(
        one,
        successes=(*one.successes, np.ones((5, 2))),
        even=(*one.even, np.arange(5) % 2 == 0),
        values=(*one.values, np.zeros((1, 2))),
    )
    assert two.rates == pytest.approx([(0.5 + 1) / 2, (0 + 1) / 2])
    assert two.proxies == pytest.approx([(0.3 + 0) / 2, (0.7 + 0) / 2])
    assert two.observed.halves[:, 0] == pytest.approx(np.array([[1.0, 0.5], [0.5, 0.5]]))
    assert (two.driven, two.recorded, two.size) == (7, 3, 2)


def test_related_units_are_drawn_together_and_all_units_meet_the_same_episodes():
    found = compare(np.tile(steps([0.3, 0.3, 0.8]), 1), np.tile([[0.1, 0.1, 0.4]], (20, 1)), clusters=["a", "a", "b"])
    drawn = found.resample(50)
    assert (drawn.weights[:, 0] == drawn.weights[:, 1]).all()
    assert (drawn.weights[:, 0] + drawn.weights[:, 2] == 2).all()
    assert drawn.rates[:, 0] == pytest.approx(drawn.rates[:, 1])
    assert drawn.rates.std(axis=0).min() > 0.0


def test_clusters_or_episodes_can_be_left_as_they_are():
    found = compare(steps([0.3, 0.5, 0.8]), np.tile([[0.1, 0.1, 0.4]], (20, 1)))
    assert (found.resample(20, clusters=False).weights == 1.0).all()
    kept = found.resample(20, episodes=False)
    assert kept.rates == pytest.approx(np.tile(found.rates, (20, 1)))
    assert kept.weights.std() > 0.0


def test_only_pairs_of_one_group_whose_success_differs_beyond_chance_are_apart():
    found = compare(steps([0.1, 0.12, 0.9, 0.9]), np.zeros((1, 4)))
    assert found.apart.T.tolist() == [[0, 2], [0, 3], [1, 2], [1, 3]]
    grouped = replace(found, groups=np.array(["a", "b", "a", "b"]))
    assert grouped.apart.T.tolist() == [[0, 2], [1, 3]]


def test_reliability_is_near_one_where_units_differ_much_and_small_where_they_do_not():
    values = np.random.default_rng(0).normal([0.0, 1.0, 2.0, 3.0], 0.1, (30, 4))
    assert compare(steps([0.1, 0.4, 0.6, 0.9]), values).reliability.ranks > 0.9
    luck = np.random.default_rng(1).random((60, 4)) < 0.5
    assert compare(luck, values).reliability.ranks < 0.6


def test_groups_without_a_ranking_do_not_count_as_noise():
    values = np.random.default_rng(0).normal([0.0, 1.0, 2.0, 0.0, 1.0, 2.0], 0.1, (30, 6))
    groups = ["a", "a", "a", "b", "b", "b"]
    found = compare(steps([0.1, 0.5, 0.9, 0.0, 0.0, 0.0]), values, groups=groups, clusters=groups)
    assert [group.tolist() for group in found.varying] == [[0, 1, 2]]
    assert found.reliability.ranks > 0.9
    floors = compare(steps([0.0, 0.0, 0.0, 0.5, 0.5, 0.5]), values, groups=groups, clusters=groups)
    assert (floors.varying, floors.reliability) == ((), (0.0, 0.0))
