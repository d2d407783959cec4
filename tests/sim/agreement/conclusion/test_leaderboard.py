"""Laws of the leaderboard."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreement.conclusion.leaderboard import count_independent, rank_recipes
from sim.population.population import Population, Unit

from .made_up import number


def unit(recipe, seed, step, wins, disturbed=None):
    successes = {("a", "none"): number(wins), ("b", "none"): number(wins)}
    if disturbed is not None:
        successes["a", "lighting=2"] = number(disturbed)
    return Unit(f"{recipe}-{seed}-{step}", recipe, recipe, seed, step, successes, {})


def test_recipes_are_ranked_by_the_mean_over_their_seeds():
    units = (unit("low", 0, 1, [0, 0]), unit("high", 0, 1, [1, 1]), unit("high", 1, 1, [1, 0]))
    high, low = rank_recipes(Population(units, {}))
    assert (high.recipe, high.seeds, high.undisturbed.episodes, high.undisturbed.rate) == ("high", 2, 8, 0.75)
    assert (low.recipe, low.undisturbed.rate, low.scenarios) == ("low", 0.0, (0.0, 0.0))
    assert high.undisturbed.interval.low < 0.75 < high.undisturbed.interval.high


def test_episodes_that_several_units_drive_alike_count_once():
    wins = np.random.default_rng(0).random((3, 200)) < 0.5
    alike, apart = [number(wins[0])] * 3, [number(each) for each in wins]
    assert count_independent([alike]) in (199, 200)
    assert 450 < count_independent([apart]) <= 600
    assert count_independent([[number(wins[0])]]) == 200  # one unit
    assert count_independent([[number(np.zeros(200))] * 3]) == 200  # no variance to go by


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_the_interval_of_several_seeds_covers_what_more_episodes_would_give(shared):
    """Three trainings meet the same episodes, and share their luck or don't."""
    rng, covered = np.random.default_rng(0), []
    for _ in range(200):
        common, own = rng.random((2, 1, 50)), rng.random((2, 3, 50))
        wins = np.where(rng.random((2, 1, 50)) < shared, common, own) < 0.3
        units = tuple(
            Unit(
                f"u-{seed}",
                "u",
                "u",
                seed,
                1,
                {(name, "none"): number(wins[place, seed]) for place, name in enumerate("ab")},
                {},
            )
            for seed in range(3)
        )
        (row,) = rank_recipes(Population(units, {}))
        covered.append(row.undisturbed.interval.low <= 0.3 <= row.undisturbed.interval.high)
    assert np.mean(covered) >= 0.92


@pytest.mark.parametrize(
    "cells",
    [
        [(10, 0.5), (400, 0.99)],  # (episodes, rate) of each scenario
        [(10, 0.5), (50, 0.9)],
        [(5, 0.5), (50, 0.5)],
    ],
)
def test_the_interval_of_scenarios_with_unequal_episodes_covers(cells):
    rng, covered = np.random.default_rng(0), []
    for _ in range(300):
        successes = {
            (str(place), "none"): number(rng.random(count) < rate) for place, (count, rate) in enumerate(cells)
        }
        (row,) = rank_recipes(Population((Unit("u", "u", "u", 0, 1, successes, {}),), {}))
        low, high = row.undisturbed.interval
        covered.append(low <= np.mean([rate for _, rate in cells]) <= high)
    assert np.mean(covered) >= 0.9


def test_the_interval_of_seeds_with_unequal_episodes_covers():
    rng, covered = np.random.default_rng(0), []
    for _ in range(300):
        units = tuple(
            Unit(f"u-{seed}", "u", "u", seed, 1, {("a", "none"): number(rng.random(count) < 0.5)}, {})
            for seed, count in enumerate((50, 5))
        )
        (row,) = rank_recipes(Population(units, {}))
        covered.append(row.undisturbed.interval.low <= 0.5 <= row.undisturbed.interval.high)
    assert np.mean(covered) >= 0.92


def test_scenarios_count_alike_however_many_units_drove_them():
    one = Unit("u-0", "u", "u", 0, 1, {("a", "none"): number([1, 1]), ("b", "none"): number([0, 0])}, {})
    other = Unit("u-1", "u", "u", 1, 1, {("a", "none"): number([1, 1])}, {})
    (row,) = rank_recipes(Population((one, other), {}))
    assert row.undisturbed.rate == 0.5


def test_of_each_training_the_last_step_counts():
    (row,) = rank_recipes(Population((unit("one", 0, 9, [1, 1]), unit("one", 0, 2, [0, 0])), {}))
    assert (row.seeds, row.undisturbed.rate) == (1, 1.0)


def test_success_under_a_disturbance_is_that_of_the_units_which_drove_it():
    units = (unit("one", 0, 1, [1, 1], disturbed=[1, 0]), unit("other", 0, 1, [0, 0]))
    one, other = rank_recipes(Population(units, {}))
    (disturbed,) = one.perturbations
    assert (disturbed.rate, disturbed.episodes, other.perturbations) == (0.5, 2, (None,))


def test_beside_disturbed_episodes_stand_the_same_ones_without():
    one = unit("one", 0, 1, [1, 0, 0, 0], disturbed=[1, 0])  # the first two of them, in one of two scenarios
    (row,) = rank_recipes(Population((one,), {}))
    assert (row.undisturbed.rate, row.undisturbed.episodes) == (0.25, 8)
    assert (row.same_episodes.rate, row.same_episodes.episodes) == (0.5, 2)


def test_a_recipe_that_only_drove_under_disturbances_has_no_place():
    successes = {("a", "lighting=2"): number([1, 0])}
    assert rank_recipes(Population((Unit("x", "x", "x", 0, 1, successes, {}),), {})) == ()
