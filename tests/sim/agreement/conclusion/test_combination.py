"""Laws of the combination of metrics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.agreement.conclusion.combination import COMBINATION, add_combination, select_complete_metrics
from sim.agreement.judgement import judge_metric
from sim.agreement.prediction.model import predict_left_out
from sim.agreement.prediction.scored_units import WHOLE, gather_scores
from sim.agreement.selection import compare_units
from sim.population.population import EpisodeValues, Population

from .made_up import make_population

METRICS = ("mae", "rmse")


def test_it_ranks_units_as_the_model_without_their_family_does():
    population = make_population(families=6)
    compared = compare_units(add_combination(population, METRICS), COMBINATION, WHOLE)
    expected = predict_left_out(gather_scores(population, METRICS))
    np.testing.assert_array_equal(np.argsort(compared.proxies), np.argsort(expected))


def test_success_of_a_family_changes_nothing_in_its_own_figures():
    population = make_population(families=6)
    first, *rest = population.units
    lost = {cell: EpisodeValues(each.numbers, 0.0 * each.values) for cell, each in first.successes.items()}
    changed = Population((replace(first, successes=lost), *rest), population.better)
    before, after = (add_combination(each, METRICS).units for each in (population, changed))
    key = (COMBINATION, "corridor")
    np.testing.assert_array_equal(before[0].metrics[key].values, after[0].metrics[key].values)
    assert not np.array_equal(before[-1].metrics[key].values, after[-1].metrics[key].values)


def test_an_episode_without_a_metric_counts_as_its_mean():
    population = make_population(families=6)
    first, *rest = population.units
    cell = first.metrics["rmse", "corridor"]
    values = cell.values.copy()
    values[0] = np.nan
    holed = replace(first, metrics={**first.metrics, ("rmse", "corridor"): EpisodeValues(cell.numbers, values)})
    combined = add_combination(Population((holed, *rest), population.better), METRICS)
    assert np.isfinite(combined.units[0].metrics[COMBINATION, "corridor"].values).all()
    assert judge_metric(combined, COMBINATION, WHOLE, resamples=20).units == len(population.units)


def test_metrics_are_combined_by_the_number_of_the_episode():
    """Scenarios may have unequal episodes, and a metric fewer of them than another."""
    population = make_population(families=6)

    def cut(unit):
        metrics = {key: each for key, each in unit.metrics.items() if key != ("rmse", "doorway")}
        for metric, kept in (("mae", slice(0, 8)), ("rmse", slice(2, 8))):
            cell = unit.metrics[metric, "corridor"]
            metrics[metric, "corridor"] = EpisodeValues(cell.numbers[kept], cell.values[kept])
        return replace(unit, metrics=metrics)

    combined = add_combination(Population(tuple(map(cut, population.units)), population.better), METRICS)
    cells = combined.units[0].metrics
    assert [len(cells[COMBINATION, name].numbers) for name in ("corridor", "doorway")] == [8, 12]
    parts = np.stack([np.ones(6), cells["mae", "corridor"].values[2:], cells["rmse", "corridor"].values], axis=1)
    odds = cells[COMBINATION, "corridor"].values[2:]  # of the six episodes that have both
    np.testing.assert_allclose(parts @ np.linalg.lstsq(parts, odds, rcond=None)[0], odds, atol=1e-9)


def test_only_metrics_that_all_compared_units_have_are_combined():
    population = make_population(families=6)
    first, *rest = population.units
    poorer = replace(first, metrics={key: each for key, each in first.metrics.items() if key[0] != "rmse"})
    assert select_complete_metrics(population, "mae") == METRICS
    assert select_complete_metrics(Population((poorer, *rest), population.better), "mae") == ("mae",)


def test_a_metric_that_no_unit_has_in_a_scenario_is_combined_from_the_others():
    population = make_population(families=6)
    holed = Population(
        tuple(
            replace(unit, metrics={key: each for key, each in unit.metrics.items() if key != ("rmse", "doorway")})
            for unit in population.units
        ),
        population.better,
    )
    assert select_complete_metrics(holed, "mae") == METRICS
    compared = compare_units(add_combination(holed, METRICS), COMBINATION, WHOLE)
    expected = predict_left_out(gather_scores(holed, METRICS))
    np.testing.assert_array_equal(np.argsort(compared.proxies), np.argsort(expected))
