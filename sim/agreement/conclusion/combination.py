"""A combination of metrics that predicts each unit's success without having seen its family."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.agreement.prediction.model import SuccessModel, fit_without_families
from sim.agreement.prediction.scored_units import WHOLE, gather_scores
from sim.agreement.selection import compare_units
from sim.population.population import EpisodeValues, Population, Unit

COMBINATION = "combination"


def select_complete_metrics(population: Population, metric: str) -> tuple[str, ...]:
    """Select the metrics that all units have which were scored with one of them, and driven."""
    units = set(compare_units(population, metric, WHOLE).names)
    return tuple(name for name in population.better if units <= set(compare_units(population, name, WHOLE).names))


def add_combination(population: Population, metrics: Sequence[str]) -> Population:
    """Add the metric "combination": log odds of success by a ridge regression on other metrics.

    The model of each unit is fitted without its family, so nothing that it is judged by was used for it. Units that
    lack one of the metrics have no combination. Where a metric isn't defined, its mean counts.
    """
    scores = gather_scores(population, metrics)
    names = set.intersection(*(set(compare_units(population, name, WHOLE).names) for name in metrics))
    models = iter(fit_without_families(scores))
    units = tuple(
        _combine(unit, metrics, next(models), population.scenarios) if unit.name in names else unit
        for unit in population.units
    )
    return Population(units, {**population.better, COMBINATION: "larger"})


def _combine(unit: Unit, metrics: Sequence[str], model: SuccessModel, scenarios: Sequence[str]) -> Unit:
    known = [scenario for scenario in scenarios if (metrics[0], scenario) in unit.metrics]
    numbers = [unit.metrics[metrics[0], scenario].numbers for scenario in known]
    columns = [_spread_over(unit, metric, known, numbers) for metric in metrics]
    combined = {}
    for place, (scenario, episodes) in enumerate(zip(known, numbers, strict=True)):
        values = np.stack([column[place] for column in columns], axis=1)  # (episodes, metrics)
        odds = model.base + ((values - model.centre) / model.scale) @ model.slopes
        combined[COMBINATION, scenario] = EpisodeValues(episodes, odds)
    return replace(unit, metrics={**unit.metrics, **combined})


def _spread_over(unit: Unit, metric: str, scenarios: Sequence[str], numbers: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The metric in the episodes (by number) of each scenario; where it isn't defined, its mean: no mean changes."""
    cells = [unit.metrics.get((metric, scenario)) for scenario in scenarios]
    means = [math.nan if cell is None else cell.mean() for cell in cells]
    over_all = float(np.nanmean(means))
    found = []
    for cell, mean, episodes in zip(cells, means, numbers, strict=True):
        values = np.full(len(episodes), math.nan) if cell is None else cell.select(episodes)
        found.append(np.where(np.isfinite(values), values, mean if math.isfinite(mean) else over_all))
    return found
