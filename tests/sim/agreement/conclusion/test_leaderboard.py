"""Laws of the leaderboard."""

from __future__ import annotations

from sim.agreement.conclusion.leaderboard import rank_recipes
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
    assert (high.recipe, high.seeds, high.episodes, high.rate) == ("high", 2, 8, 0.75)
    assert (low.recipe, low.rate, low.scenarios) == ("low", 0.0, (0.0, 0.0))
    assert high.interval.low < 0.75 < high.interval.high


def test_of_each_training_the_last_step_counts():
    (row,) = rank_recipes(Population((unit("one", 0, 9, [1, 1]), unit("one", 0, 2, [0, 0])), {}))
    assert (row.seeds, row.rate) == (1, 1.0)


def test_success_under_a_disturbance_is_that_of_the_units_which_drove_it():
    units = (unit("one", 0, 1, [1, 1], disturbed=[1, 0]), unit("other", 0, 1, [0, 0]))
    one, other = rank_recipes(Population(units, {}))
    assert (one.perturbations, other.perturbations) == ((0.5,), (None,))
