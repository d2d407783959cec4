"""The leaderboard: success of each recipe in each family of scenarios, and under each disturbance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.population.population import EpisodeValues, Population, Unit
from sim.results.plan import UNPERTURBED
from sim.statistics.exact import success_interval
from sim.statistics.intervals import Interval

NOTHING = EpisodeValues(np.zeros(0, np.int64), np.zeros(0))
Cells = Mapping[str, Sequence[EpisodeValues]]
"""Of each scenario, the episodes of each unit."""


class MeanSuccess(NamedTuple):
    """Success over several cells of equal weight, each of a unit and a scenario."""

    rate: float
    """Mean of the cells' success rates, 0 to 1."""
    interval: Interval
    """Blaker's over episodes, for these trainings."""
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
    same = {name: [_keep_disturbed(unit, name) for unit in units] for name in population.scenarios}
    return LeaderboardRow(
        recipe=recipe,
        seeds=len(units),
        undisturbed=undisturbed,
        scenarios=tuple(None if each is None else each.rate for each in of_scenarios),
        same_episodes=_average(same),
        perturbations=tuple(_average(_cells(units, population.scenarios, name)) for name in population.perturbations),
    )


def _cells(units: Sequence[Unit], scenarios: Sequence[str], perturbation: str) -> Cells:
    return {name: [unit.successes.get((name, perturbation), NOTHING) for unit in units] for name in scenarios}


def _keep_disturbed(unit: Unit, scenario: str) -> EpisodeValues:
    """The undisturbed successes of the episodes that a unit also drove under disturbances."""
    cell = unit.successes.get((scenario, UNPERTURBED), NOTHING)
    others = [each.numbers for (name, kind), each in unit.successes.items() if name == scenario and kind != UNPERTURBED]
    kept = np.isin(cell.numbers, np.concatenate([NOTHING.numbers, *others]))
    return EpisodeValues(cell.numbers[kept], cell.values[kept])


def _average(cells: Cells) -> MeanSuccess | None:
    """The mean over cells, without those that have no episodes; None if none has any."""
    driven = [[cell for cell in of_scenario if len(cell.numbers)] for of_scenario in cells.values()]
    driven = [of_scenario for of_scenario in driven if of_scenario]
    if not driven:
        return None
    rates = [cell.mean() for of_scenario in driven for cell in of_scenario]
    rate = float(np.mean(rates))
    trials = count_independent(driven)
    interval = success_interval(successes=round(rate * trials), trials=trials)
    episodes = sum(len(cell.numbers) for of_scenario in driven for cell in of_scenario)
    return MeanSuccess(rate, interval, episodes)


def count_independent(driven: Sequence[Sequence[EpisodeValues]]) -> int:
    """Count how many independent episodes tell a mean success rate as well as these, of several units each.

    Units that drive the same episodes fail in the same hard ones, so their episodes aren't independent. The number is
    that of Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data" (Survey Methodology 24:193): the variance of one episode over that of the mean. It is
    at least the number of different episodes, and at most that of all.

    Args:
        driven: Of each scenario, the episodes of each unit.
    """
    means = [_mean_by_episode(of_scenario) for of_scenario in driven]
    least, most = sum(map(len, means)), sum(len(cell.numbers) for of_scenario in driven for cell in of_scenario)
    rate = float(np.mean([each.mean() for each in means]))
    known = [float(np.var(each, ddof=1)) / len(each) for each in means if len(each) > 1]
    variance = sum(known) / len(means) ** 2
    if len(known) < len(means) or variance <= 0.0:
        return least
    return int(min(most, max(least, rate * (1.0 - rate) / variance)))


def _mean_by_episode(cells: Sequence[EpisodeValues]) -> np.ndarray:
    """(episodes,) the mean over units of each episode that one of them drove."""
    places = np.unique(np.concatenate([cell.numbers for cell in cells]), return_inverse=True)[1]
    values = np.concatenate([cell.values for cell in cells])
    means: np.ndarray = np.bincount(places, values) / np.bincount(places)
    return means
