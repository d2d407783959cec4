"""Populations that have all that a conclusion is made from."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.agreement.conclusion.conclusion import draw_conclusion
from sim.population.population import EpisodeValues, Population, Unit

SCENARIOS = ("corridor", "doorway")


def make_population(families=12, *, steps=3, seed=0, metrics=("mae", "rmse"), driven=30):
    """Families of two trainings each, with checkpoints; errors fall as success rises, rmse less noisily than mae."""
    rng = np.random.default_rng(seed)
    units = []
    for family in range(families):
        base = rng.normal()
        for training in (1000, 1001):
            for step in range(1, steps + 1):
                skill = base + 0.4 * step + 0.2 * rng.normal()
                units.append(_make_unit(rng, f"family-{family}", training, step, skill, metrics, driven))
    return Population(tuple(units), dict.fromkeys(metrics, "smaller"))


def _make_unit(rng, family, training, step, skill, metrics, driven):
    rate = 1.0 / (1.0 + np.exp(-skill))
    cells = [(name, "none") for name in SCENARIOS] + [("corridor", "lighting=2")]
    successes = {cell: number((rng.random(driven) < rate).astype(float)) for cell in cells}
    scores = {
        (metric, name): number(-skill + 0.5 * (place == 0) * rng.normal() + 0.3 * rng.normal(size=12))
        for place, metric in enumerate(metrics)
        for name in SCENARIOS
    }
    return Unit(f"{family}-{training}-{step}", family, family, training, step, successes, scores)


def number(values):
    return EpisodeValues(np.arange(len(values)), np.asarray(values, np.float64))


@cache
def whole():
    """What many families give."""
    return draw_conclusion(make_population())


@cache
def partial():
    """What two families give."""
    return draw_conclusion(make_population(families=2))
