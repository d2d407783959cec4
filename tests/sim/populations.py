"""Populations whose true success and metrics are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from sim.agreement.prediction.scored_units import ScoredUnits
from sim.population.population import EpisodeValues, Population, Unit


class Truth(NamedTuple):
    """What the simulated units would reach with very many episodes."""

    families: np.ndarray
    rates: np.ndarray
    metric: np.ndarray


def draw_truth(rng, *, families, units, relation, shared=0.6, middle=0.0, spread=1.0):
    """Draw true success rates and a true metric, larger is better, of families of related units.

    Args:
        rng: The generator.
        families: Number of families.
        units: Number of units of each, or of each one by one.
        relation: Normal correlation of metric and success, of families and of units within them.
        shared: Share of the variance that lies between families.
        middle: Success of the middle unit, as a normal deviate.
        spread: Standard deviation of success, as normal deviates.
    """
    family = np.repeat(np.arange(families), units)

    def draw():
        between, within = rng.standard_normal(families), rng.standard_normal(len(family))
        return np.sqrt(shared) * between[family] + np.sqrt(1.0 - shared) * within

    quality, other = draw(), draw()
    metric = relation * quality + np.sqrt(1.0 - relation**2) * other
    return Truth(family, ndtr(middle + spread * quality), metric)


def draw_population(rng, truth, *, episodes=60, recorded=30, noise=1.0, scenarios=("corridor",), error=True):
    """Drive and score units: equal episodes are equally hard for all. The metric "mae" is an error, unless told."""
    count = len(truth.rates)
    parts = {}
    for scenario in scenarios:
        hard = rng.random(episodes)[:, None]
        luck = rng.random((episodes, count))
        won = np.where(rng.random((episodes, 1)) < 0.5, hard, luck) < truth.rates  # half of the episodes share the luck
        offset = noise * rng.standard_normal((recorded, 1))
        seen = truth.metric + offset + noise * rng.standard_normal((recorded, count))
        parts[scenario] = won.astype(float), -seen if error else seen
    return Population(
        tuple(
            Unit(
                name=f"unit-{place}",
                family=f"family-{truth.families[place]}",
                recipe=f"recipe-{place}",
                training_seed=0,
                training_step=None,
                successes={(name, "none"): number(won[:, place]) for name, (won, _) in parts.items()},
                metrics={("mae", name): number(seen[:, place]) for name, (_, seen) in parts.items()},
            )
            for place in range(count)
        ),
        {"mae": "smaller" if error else "larger"},
    )


def number(values):
    return EpisodeValues(np.arange(len(values)), np.asarray(values, np.float64))


def add_metric(population, name, better, make):
    """The population with one metric more, made from the first."""
    units = tuple(
        Unit(
            *(unit.name, unit.family, unit.recipe, unit.training_seed, unit.training_step, unit.successes),
            {**unit.metrics, (name, "corridor"): make(unit)},
        )
        for unit in population.units
    )
    return Population(units, {**population.better, name: better})


def draw_scores(rng, families=14, units=4, *, bent=False):
    """Units of families that differ in what their figures mean for success."""
    family = np.repeat(np.arange(families), units)
    first, second = rng.standard_normal((2, families))[:, family] * 0.8 + 0.6 * rng.standard_normal((2, len(family)))
    offset = 0.5 * rng.standard_normal(families)[family]
    latent = -1.2 * first + 0.5 * (np.square(second) if bent else second) + offset
    rates = rng.binomial(60, ndtr(latent)) / 60
    return ScoredUnits(np.stack([first, second], axis=1), rates, family, 60)
