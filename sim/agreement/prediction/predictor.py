"""Expected success of a policy from its offline figures, with an interval that holds for policies of new families.

The model is a ridge regression of success, as log odds, on standardised figures; its penalty is chosen by leaving
families out. The interval is that of the jackknife+ (Barber et al. 2021, "Predictive inference with the jackknife+",
Annals of Statistics 49:486) with whole families left out. Units of a family aren't exchangeable with those of others,
so one unit stands for each family, drawn again and again, and the ends are averaged (repeated subsampling of Dunn,
Wasserman and Ramdas 2023, "Distribution-free prediction sets for two-layer hierarchical models", JASA 118:2491). It
covers the success of a unit of a new family, if that is as unlike the known ones as they are unlike each other; nothing
else is assumed, in particular not that the model is right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scenarios.common.errors import InputError
from scenarios.common.seeding import make_generator
from sim.agreement.prediction.model import SuccessModel, fit_model, fit_without_families
from sim.agreement.prediction.scored_units import ScoredUnits, gather_scores
from sim.population.population import Population

LEVEL = 0.9
MIN_FAMILIES = math.ceil(LEVEL / (1.0 - LEVEL) - 1e-9)  # with fewer, an interval would have no end
DRAWS = 200  # of one unit of each family


class SuccessPrediction(NamedTuple):
    """What success to expect of a policy."""

    expected: float
    """Expected success rate, 0 to 1."""
    low: float
    """Lower end of the 90 % interval of the rate over as many episodes as the population drove."""
    high: float
    """Upper end."""


@dataclass(frozen=True, eq=False)
class SuccessPredictor:
    """Predicts success from offline figures."""

    metrics: tuple[str, ...]
    """The figures that it takes."""
    lowest: np.ndarray
    """(metrics,) the lowest figure that it knows."""
    highest: np.ndarray
    """(metrics,) the highest figure that it knows."""
    model: SuccessModel
    """Fitted to all units."""
    without: tuple[SuccessModel, ...]
    """Of each unit, the model that was fitted without its family."""
    errors: np.ndarray
    """(n,) by how much that misses the unit's success."""
    drawn: np.ndarray
    """(draws, families) the unit that stands for each family."""

    def predict(self, figures: Mapping[str, float]) -> SuccessPrediction:
        """Predict the success of a policy.

        Args:
            figures: Metric -> its mean over the scenarios that the population was scored in.

        Raises:
            InputError: A figure is missing, isn't finite, or lies outside of those of the population.
        """
        values = self._check(figures)[None]
        expected = float(self.model.predict(values)[0])
        centres = np.array([model.predict(values)[0] for model in self.without])
        low = -_average_quantile(self.errors - centres, self.drawn)
        high = _average_quantile(self.errors + centres, self.drawn)
        return SuccessPrediction(expected, max(0.0, min(low, expected)), min(1.0, max(high, expected)))

    def _check(self, figures: Mapping[str, float]) -> np.ndarray:
        missing = [name for name in self.metrics if name not in figures]
        if missing:
            raise InputError(f"no prediction without {missing[0]}: it takes {', '.join(self.metrics)}")
        values = np.array([figures[name] for name in self.metrics], np.float64)
        for name, value, low, high in zip(self.metrics, values, self.lowest, self.highest, strict=True):
            if not low <= value <= high:
                raise InputError(f"no prediction for {name} {value:.4g}: the population has {low:.4g} to {high:.4g}")
        return values


def fit_predictor(population: Population, metrics: Sequence[str]) -> SuccessPredictor:
    """Fit a predictor to a population.

    Raises:
        InputError: There are too few families, no metrics, or no unit was scored with one of them.
    """
    return fit_scores(gather_scores(population, metrics), metrics)


def fit_scores(scores: ScoredUnits, metrics: Sequence[str]) -> SuccessPredictor:
    """Fit a predictor to figures.

    Raises:
        InputError: There are too few families.
    """
    count = len(np.unique(scores.families))
    if count < MIN_FAMILIES:
        raise InputError(
            f"{count} families are too few for a {100 * LEVEL:.0f} % interval of success: it needs {MIN_FAMILIES}"
        )
    models = fit_without_families(scores)
    missed = [model.predict(row[None])[0] for model, row in zip(models, scores.figures, strict=True)]
    return SuccessPredictor(
        metrics=tuple(metrics),
        lowest=scores.figures.min(axis=0),
        highest=scores.figures.max(axis=0),
        model=fit_model(scores),
        without=models,
        errors=np.abs(scores.rates - np.array(missed)),
        drawn=_draw_one_of_each(scores.families),
    )


def _draw_one_of_each(families: np.ndarray) -> np.ndarray:
    """(draws, families) the place of one unit of each family."""
    rng = make_generator(0, "one unit of each family")
    members = [np.flatnonzero(families == family) for family in np.unique(families)]
    return np.stack([rng.choice(places, DRAWS) for places in members], axis=1)


class Coverage(NamedTuple):
    """How often a 90 % interval contains the success of units whose family was left out."""

    share: float | None
    """Mean over families of the share of units; None without any."""
    held: int
    """Number of units whose interval contained their success."""
    units: int
    """Number of units that were predicted."""
    refused: int
    """Number of units outside of the range of the others' figures."""


def measure_coverage(scores: ScoredUnits, metrics: Sequence[str]) -> Coverage:
    """Measure the coverage of the interval by leaving each family out.

    Raises:
        InputError: There are too few families.
    """
    shares, held, units, refused = [], 0, 0, 0
    for family in np.unique(scores.families):
        left_out = scores.families == family
        predictor, covered = fit_scores(scores.select(~left_out), metrics), []
        for figures, rate in zip(scores.figures[left_out], scores.rates[left_out], strict=True):
            try:
                found = predictor.predict(dict(zip(metrics, figures.tolist(), strict=True)))
            except InputError:
                refused += 1
                continue
            covered.append(found.low <= rate <= found.high)
        held += sum(covered)
        units += len(covered)
        shares += [float(np.mean(covered))] if covered else []
    return Coverage(float(np.mean(shares)) if shares else None, held, units, refused)


def _average_quantile(ends: np.ndarray, drawn: np.ndarray) -> float:
    """The end of a one-sided interval from the ends (n,) of all units: the mean over draws of one unit of each family.

    Between two ends it is interpolated (Hutson 1999, "Calculating nonparametric confidence intervals for quantiles
    using fractional order statistics", Journal of Applied Statistics 26:343).
    """
    count = drawn.shape[1]
    ordered = np.sort(ends[drawn], axis=1)
    rank = min(float(count), LEVEL * (count + 1)) - 1.0
    below = math.floor(rank + 1e-9)
    above, part = min(below + 1, count - 1), max(0.0, rank - below)
    return float(((1.0 - part) * ordered[:, below] + part * ordered[:, above]).mean())
