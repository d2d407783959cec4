"""Offline figures and success of the units that success is predicted from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scenarios.common.errors import InputError
from sim.agreement.selection import Part, compare_units
from sim.population.population import Population

WHOLE = Part("all")


class ScoredUnits(NamedTuple):
    """Figures and success of n units."""

    figures: np.ndarray
    """(n, metrics) mean of each metric over scenarios, in its own unit."""
    rates: np.ndarray
    """(n,) success rate."""
    families: np.ndarray
    """(n,) number of each unit's family."""
    episodes: int
    """Number of driven episodes of each."""

    def select(self, chosen: np.ndarray) -> ScoredUnits:
        """Return some of the units."""
        return ScoredUnits(self.figures[chosen], self.rates[chosen], self.families[chosen], self.episodes)


def gather_scores(population: Population, metrics: Sequence[str]) -> ScoredUnits:
    """Gather the figures and the success of the units that have all metrics and all unperturbed episodes.

    Raises:
        InputError: There are no metrics, or no unit was scored with one of them.
    """
    if not metrics:
        raise InputError("a prediction needs at least one metric")
    names = set.intersection(*(set(compare_units(population, name, WHOLE).names) for name in metrics))
    common = population.select(names)
    compared = [compare_units(common, name, WHOLE) for name in metrics]
    signs = [1.0 if population.direction(name) == "larger" else -1.0 for name in metrics]
    figures = np.stack([sign * each.proxies for sign, each in zip(signs, compared, strict=True)], axis=1)
    return ScoredUnits(figures, compared[0].rates, compared[0].cluster_places, compared[0].driven)
