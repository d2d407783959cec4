"""Laws of the noise ceiling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from populations import number
from scipy.special import ndtri
from scipy.stats import spearmanr

from sim.agreement.noise_ceiling import measure_ceiling
from sim.agreement.selection import Part
from sim.population.population import Population, Unit

WHOLE = Part("all")


def simulate(rates, episodes=200, seed=0, shared=0.0):
    """Units of recipes, a row each, that were trained with several seeds; part of the luck is common to all."""
    rng = np.random.default_rng(seed)
    recipes, seeds = np.shape(rates)
    units = []
    common = rng.standard_normal(episodes)
    for recipe in range(recipes):
        for trained in range(seeds):
            luck = np.sqrt(shared) * common + np.sqrt(1.0 - shared) * rng.standard_normal(episodes)
            won = (luck < ndtri(rates[recipe][trained])).astype(float)
            name = f"{recipe}-{trained}"
            units.append(
                Unit(
                    name, f"family-{recipe}", f"recipe-{recipe}", trained, None, {("corridor", "none"): number(won)}, {}
                )
            )
    return Population(tuple(units), {})


SPREAD = np.linspace(0.1, 0.9, 20)


def test_with_very_many_episodes_a_perfect_metric_is_perfect():
    found = measure_ceiling(simulate(SPREAD[:, None], episodes=4000), WHOLE, splits=20)
    assert found.ceilings["pearson"] > 0.99
    assert found.halves["spearman"] > 0.98
    assert found.halves["regret@3"] == pytest.approx(0.0, abs=0.01)
    assert (found.units, found.driven) == (20, 4000)


def test_the_ceiling_is_the_correlation_of_true_and_seen_success():
    true, seen = [], []
    rates = 0.4 + 0.2 * np.linspace(0.0, 1.0, 60)
    for seed in range(10):
        population = simulate(rates[:, None], episodes=60, seed=seed)
        found = measure_ceiling(population, WHOLE, splits=20)
        observed = [unit.successes["corridor", "none"].mean() for unit in population.units]
        true.append(np.corrcoef(rates, observed)[0, 1])
        seen.append(found.ceilings["pearson"])
    assert np.mean(seen) == pytest.approx(np.mean(true), abs=0.06)


def test_units_that_are_all_alike_leave_nothing_to_predict():
    ceilings = [
        measure_ceiling(simulate(np.full((30, 1), 0.5), 60, seed), WHOLE, splits=10).ceilings["pearson"]
        for seed in range(5)
    ]
    assert np.mean(ceilings) < 0.5


@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_the_deviation_over_seeds_is_found_without_the_noise_of_episodes(shared):
    rng = np.random.default_rng(0)
    rates = np.clip(0.5 + 0.2 * np.linspace(-1, 1, 30)[:, None] + 0.08 * rng.standard_normal((30, 4)), 0.05, 0.95)
    found = measure_ceiling(simulate(rates, episodes=150, shared=shared), WHOLE, splits=5).retrains
    assert (found.recipes, found.trainings) == (30, 120)
    assert found.deviation == pytest.approx(0.08, abs=0.02)
    steady = measure_ceiling(simulate(np.tile(SPREAD[:, None], 4), shared=shared), WHOLE, splits=5).retrains
    assert steady.deviation < 0.02


def test_retrains_agree_less_the_more_training_seeds_matter():
    rng = np.random.default_rng(1)
    noisy, steady = (
        np.clip(SPREAD[:, None] + deviation * rng.standard_normal((20, 3)), 0.02, 0.98) for deviation in (0.3, 0.01)
    )
    low, high = (measure_ceiling(simulate(rates), WHOLE, splits=20).retrains.agreement for rates in (noisy, steady))
    assert low["spearman"] < 0.8 < 0.95 < high["spearman"]
    assert low["regret@1"] > high["regret@1"]
    assert high["pairwise"] is None


def test_the_ceiling_of_ranks_is_that_of_true_and_seen_ranks():
    true, seen = [], []
    rates = 0.4 + 0.2 * np.linspace(0.0, 1.0, 60)
    for seed in range(10):
        population = simulate(rates[:, None], episodes=60, seed=seed)
        observed = [unit.successes["corridor", "none"].mean() for unit in population.units]
        true.append(spearmanr(rates, observed).statistic)
        seen.append(measure_ceiling(population, WHOLE, splits=20).ceilings["spearman"])
    assert np.mean(seen) == pytest.approx(np.mean(true), abs=0.06)


def test_retrains_are_ranked_within_families_where_units_are():
    """Families far apart agree over all; three recipes of one family, all alike, don't."""
    rates = np.repeat(np.linspace(0.1, 0.9, 4), 3)[:, None] + np.zeros((12, 2))
    population = simulate(rates, episodes=60)
    units = tuple(replace(unit, family=f"family-{int(unit.recipe.split('-')[1]) // 3}") for unit in population.units)
    families = Population(units, {})
    assert measure_ceiling(families, WHOLE, splits=20).retrains.agreement["spearman"] > 0.8
    assert measure_ceiling(families, Part("within families"), splits=20).retrains.agreement["spearman"] < 0.5
    two = Population(tuple(unit for unit in units if int(unit.recipe.split("-")[1]) % 3), {})
    assert measure_ceiling(two, Part("within families"), splits=5).retrains.agreement["spearman"] is None


def test_copies_are_no_retrains():
    population = simulate(SPREAD[:5, None] + np.zeros((5, 2)))
    copies = tuple(
        replace(unit, name=f"{unit.name}-x", recipe=f"{unit.recipe} x", copy_of=unit.course)
        for unit in population.units
    )
    found = measure_ceiling(Population((*population.units, *copies), {}), WHOLE, splits=5).retrains
    assert (found.recipes, found.trainings) == (5, 10)


def test_without_retrains_there_is_no_deviation_and_without_units_nothing():
    found = measure_ceiling(simulate(SPREAD[:, None]), WHOLE, splits=5).retrains
    assert (found.recipes, found.deviation, found.agreement["spearman"]) == (0, None, None)
    empty = measure_ceiling(Population((), {}), WHOLE, splits=5)
    assert (empty.units, empty.ceilings["spearman"], empty.halves["kendall"]) == (0, None, None)
