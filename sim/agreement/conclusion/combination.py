"""A combination of metrics that predicts each unit's success without having seen its family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.agreement.population import EpisodeValues, Population, Unit
from sim.agreement.prediction.model import SuccessModel, fit_without_families
from sim.agreement.prediction.scored_units import WHOLE, gather_scores
from sim.agreement.selection import compare_units

COMBINATION = "combination"


def select_complete_metrics(population: Population, metric: str) -> tuple[str, ...]:
    """Select the metrics that all units have which were scored with one of them, and driven."""
    units = set(compare_units(population, metric, WHOLE).names)
    return tuple(name for name in population.better if units <= set(compare_units(population, name, WHOLE).names))


def add_combination(population: Population, metrics: Sequence[str]) -> Population:
    """Add the metric "combination": log odds of success by a ridge regression on other metrics.

    The model of each unit is fitted without its family, so nothing that it is judged by was used for it. Units that
    lack one of the metrics have no combination. In an episode where a metric isn't defined, its mean counts.
    """
    scores = gather_scores(population, metrics)
    names = set.intersection(*(set(compare_units(population, name, WHOLE).names) for name in metrics))
    models = iter(fit_without_families(scores))
    units = tuple(_combine(unit, metrics, next(models)) if unit.name in names else unit for unit in population.units)
    return Population(units, {**population.better, COMBINATION: "larger"})


def _combine(unit: Unit, metrics: Sequence[str], model: SuccessModel) -> Unit:
    scenarios = dict.fromkeys(scenario for metric, scenario in unit.metrics if metric == metrics[0])
    combined = {(COMBINATION, scenario): _combine_in(unit, scenario, metrics, model) for scenario in scenarios}
    return replace(unit, metrics={**unit.metrics, **combined})


def _combine_in(unit: Unit, scenario: str, metrics: Sequence[str], model: SuccessModel) -> EpisodeValues:
    cells = [unit.metrics[metric, scenario] for metric in metrics]
    values = np.stack([np.where(np.isfinite(cell.values), cell.values, cell.mean()) for cell in cells], axis=1)
    odds = model.base + ((values - model.centre) / model.scale) @ model.slopes  # (episodes,)
    return EpisodeValues(cells[0].numbers, odds)
