"""The leaderboard: success of each recipe in each family of scenarios, and under each disturbance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.population.population import Population, Unit
from sim.results.plan import UNPERTURBED
from sim.statistics.exact import success_interval
from sim.statistics.intervals import Interval


class LeaderboardRow(NamedTuple):
    """The success of one recipe, at the end of its training."""

    recipe: str
    """What was trained and done to it."""
    seeds: int
    """Number of its trainings that drove."""
    episodes: int
    """Number of undisturbed episodes of all of them."""
    rate: float
    """Mean over scenarios of the success rate, 0 to 1."""
    interval: Interval | None
    """Blaker's, over the episodes of all scenarios as if they were one; None without episodes."""
    scenarios: tuple[float | None, ...]
    """In the population's order; None where it didn't drive."""
    perturbations: tuple[float | None, ...]
    """The same under each perturbation, over the scenarios that have it."""


def rank_recipes(population: Population) -> tuple[LeaderboardRow, ...]:
    """Rank the recipes of a population by undisturbed success; of each training, the last step counts."""
    recipes: dict[str, dict[int | None, Unit]] = {}
    for unit in population.units:
        trainings = recipes.setdefault(unit.recipe, {})
        known = trainings.get(unit.training_seed)
        if known is None or (unit.training_step or 0) > (known.training_step or 0):
            trainings[unit.training_seed] = unit
    rows = [_make_row(population, recipe, tuple(units.values())) for recipe, units in recipes.items()]
    return tuple(sorted((row for row in rows if row.episodes), key=lambda row: row.rate, reverse=True))


def _make_row(population: Population, recipe: str, units: Sequence[Unit]) -> LeaderboardRow:
    of_scenarios = tuple(_rate(units, (name,), UNPERTURBED) for name in population.scenarios)
    known = [rate for rate in of_scenarios if rate is not None]
    values = [
        won
        for unit in units
        for (_, name), each in unit.successes.items()
        if name == UNPERTURBED
        for won in each.values.tolist()
    ]
    return LeaderboardRow(
        recipe=recipe,
        seeds=len(units),
        episodes=len(values),
        rate=sum(known) / len(known) if known else 0.0,
        interval=success_interval(successes=round(sum(values)), trials=len(values)) if values else None,
        scenarios=of_scenarios,
        perturbations=tuple(_rate(units, population.scenarios, name) for name in population.perturbations),
    )


def _rate(units: Sequence[Unit], scenarios: Sequence[str], perturbation: str) -> float | None:
    cells = [unit.successes.get((name, perturbation)) for unit in units for name in scenarios]
    means = [cell.mean() for cell in cells if cell is not None and len(cell.numbers)]
    return sum(means) / len(means) if means else None
