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
    """Mean over scenarios of the mean over units, 0 to 1."""
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
    rate = float(np.mean([np.mean([cell.mean() for cell in of_scenario]) for of_scenario in driven]))
    trials = count_independent(driven)
    interval = success_interval(successes=round(rate * trials), trials=trials)
    episodes = sum(len(cell.numbers) for of_scenario in driven for cell in of_scenario)
    return MeanSuccess(rate, interval, episodes)


def count_independent(driven: Sequence[Sequence[EpisodeValues]]) -> int:
    """Count how many independent episodes tell a mean success rate as well as these, of several units each.

    Units that drive the same episodes fail in the same hard ones, so their episodes aren't independent. The number is
    that of Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data" (Survey Methodology 24:193): the variance of one episode over that of the mean, at most
    what it would be if nothing were shared. Where scenarios or units have fewer episodes than others, these weigh more.

    Args:
        driven: Of each scenario, the episodes of each unit.
    """
    found = [_measure_variance(of_scenario) for of_scenario in driven]
    scenarios, rate = len(found), float(np.mean([each.rate for each in found]))
    fewest = scenarios**2 / sum(each.alike for each in found)
    most = scenarios**2 / sum(each.apart for each in found)
    episodes = sum(len(cell.numbers) for of_scenario in driven for cell in of_scenario)
    if fewest > episodes - 0.5:  # one unit, equal episodes in each scenario
        return episodes
    variance = sum(each.variance for each in found) / scenarios**2
    if any(each.variance <= 0.0 for each in found):  # equal results in few episodes don't tell how much they vary
        return max(1, round(fewest))
    return max(1, round(min(most, rate * (1.0 - rate) / variance)))


class _ScenarioVariance(NamedTuple):
    """What episodes of one scenario tell about its success rate."""

    rate: float
    variance: float
    """Of the rate, over other episodes."""
    alike: float
    """One over the number of episodes that would tell as much, if units fail in the same episodes."""
    apart: float
    """The same if they fail independently."""


def _measure_variance(cells: Sequence[EpisodeValues]) -> _ScenarioVariance:
    numbers = np.unique(np.concatenate([cell.numbers for cell in cells]))
    weights, away = np.zeros(len(numbers)), np.zeros(len(numbers))  # of each episode in the rate, and what it adds
    for cell in cells:
        here, weight = np.searchsorted(numbers, cell.numbers), 1.0 / (len(cells) * len(cell.numbers))
        weights[here] += weight
        away[here] += weight * (cell.values - cell.mean())
    return _ScenarioVariance(
        float(np.mean([cell.mean() for cell in cells])),
        float(away @ away) * len(numbers) / max(1, len(numbers) - 1),
        float(weights @ weights),
        sum(1.0 / (len(cells) ** 2 * len(cell.numbers)) for cell in cells),
    )
