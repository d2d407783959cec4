"""The leaderboard: success of each recipe in each family of scenarios, and under each disturbance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.population.population import EpisodeValues, Population, Unit
from sim.results.plan import UNPERTURBED
from sim.statistics.exact import success_interval
from sim.statistics.intervals import Interval


class MeanSuccess(NamedTuple):
    """Success over several cells of equal weight, each of a unit and a scenario."""

    rate: float
    """Mean of the cells' success rates, 0 to 1."""
    interval: Interval
    """Blaker's, over the episodes of all cells as if they were one."""
    episodes: int
    """Number of episodes of all cells."""


class LeaderboardRow(NamedTuple):
    """The success of one recipe, at the end of its training."""

    recipe: str
    """What was trained and done to it."""
    seeds: int
    """Number of its trainings that drove."""
    undisturbed: MeanSuccess
    """Over all scenarios."""
    scenarios: tuple[float | None, ...]
    """Undisturbed success rates in the population's order; None where it didn't drive."""
    same_episodes: MeanSuccess | None
    """Undisturbed, in those episodes that it also drove under disturbances."""
    perturbations: tuple[MeanSuccess | None, ...]
    """Under each perturbation in the population's order, over the scenarios that have it."""


def rank_recipes(population: Population) -> tuple[LeaderboardRow, ...]:
    """Rank the recipes of a population by undisturbed success; of each training, the last step counts."""
    recipes: dict[str, dict[int | None, Unit]] = {}
    for unit in population.units:
        trainings = recipes.setdefault(unit.recipe, {})
        known = trainings.get(unit.training_seed)
        if known is None or (unit.training_step or 0) > (known.training_step or 0):
            trainings[unit.training_seed] = unit
    rows = (_make_row(population, recipe, tuple(units.values())) for recipe, units in recipes.items())
    return tuple(sorted((row for row in rows if row is not None), key=lambda row: row.undisturbed.rate, reverse=True))


def _make_row(population: Population, recipe: str, units: Sequence[Unit]) -> LeaderboardRow | None:
    """The row of a recipe; None if it didn't drive undisturbed."""
    undisturbed = _average(_cells(units, population.scenarios, UNPERTURBED))
    if undisturbed is None:
        return None
    of_scenarios = [_average(_cells(units, (name,), UNPERTURBED)) for name in population.scenarios]
    same = (_keep_disturbed(unit, name) for unit in units for name in population.scenarios)
    return LeaderboardRow(
        recipe=recipe,
        seeds=len(units),
        undisturbed=undisturbed,
        scenarios=tuple(None if each is None else each.rate for each in of_scenarios),
        same_episodes=_average(same),
        perturbations=tuple(_average(_cells(units, population.scenarios, name)) for name in population.perturbations),
    )


def _cells(units: Sequence[Unit], scenarios: Sequence[str], perturbation: str) -> list[np.ndarray]:
    found = (unit.successes.get((name, perturbation)) for unit in units for name in scenarios)
    return [cell.values for cell in found if cell is not None]


def _keep_disturbed(unit: Unit, scenario: str) -> np.ndarray:
    """The undisturbed successes of the episodes that a unit also drove under disturbances."""
    nothing = EpisodeValues(np.zeros(0, np.int64), np.zeros(0))
    cell = unit.successes.get((scenario, UNPERTURBED), nothing)
    others = [each.numbers for (name, kind), each in unit.successes.items() if name == scenario and kind != UNPERTURBED]
    return cell.values[np.isin(cell.numbers, np.concatenate([nothing.numbers, *others]))]


def _average(cells: Iterable[np.ndarray]) -> MeanSuccess | None:
    """The mean over cells, without those that have no episodes; None if none has any."""
    driven = [values for values in cells if len(values)]
    if not driven:
        return None
    together = np.concatenate(driven)
    interval = success_interval(successes=round(float(together.sum())), trials=len(together))
    return MeanSuccess(float(np.mean([values.mean() for values in driven])), interval, len(together))
