"""How well any metric could do: success against success, on other episodes and in other trainings of a recipe."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from scenarios.common.seeding import make_generator
from sim.agreement.comparison import MIN_UNITS, Comparison, Resamples
from sim.agreement.measures import MEASURES, Measure, measure_resamples
from sim.agreement.selection import Part, compare_drives
from sim.population.population import Population, Unit

SPLITS = 100


@dataclass(frozen=True)
class RetrainNoise:
    """How much success changes if the same recipe is trained again with another seed."""

    recipes: int
    """Number of recipes (at one step of training) that were trained with two seeds or more."""
    trainings: int
    """Number of units that they were trained to."""
    deviation: float | None
    """Standard deviation of the success rate over training seeds, 0 to 1, without the noise of few episodes; None where
    no recipe was trained twice."""
    agreement: Mapping[Measure, float | None]
    """Success of some of the retrains as a metric of the success of the others, over the recipes of a group: the mean
    over random splits of the seeds. Without pairs, as several trainings can't be told apart by one test; None without
    a group of three recipes."""


@dataclass(frozen=True)
class NoiseCeiling:
    """The agreement that a perfect metric would show on a part of a population."""

    part: Part
    """The part."""
    units: int
    """Number of units."""
    driven: int
    """Number of driven episodes of each."""
    halves: Mapping[Measure, float | None]
    """Success in one half of the episodes as a metric of success in the other half: the mean over random splits."""
    ceilings: Mapping[Literal["spearman", "pearson"], float | None]
    """The correlation of the success that very many episodes would give with that which was seen: the root of its
    reliability, stepped up from that of halves. No metric can be expected to exceed it. For ranks it is near only."""
    retrains: RetrainNoise
    """The same over trainings."""


def measure_ceiling(population: Population, part: Part, *, splits: int = SPLITS) -> NoiseCeiling:
    """Measure the noise ceiling of a part of a population; no metric is needed."""
    compared = compare_drives(population, part)
    halves = _measure_halves(compared, splits) if compared.size else dict.fromkeys(MEASURES)
    units = {unit.name: unit for unit in population.units}
    return NoiseCeiling(
        part=part,
        units=compared.size,
        driven=compared.driven,
        halves=halves,
        ceilings={"spearman": _step_up(halves["spearman"]), "pearson": _step_up(halves["pearson"])},
        retrains=_measure_retrains(compared, [units[name] for name in compared.names], splits),
    )


def _step_up(half: float | None) -> float | None:
    """The root of the reliability of all episodes, from the correlation of halves (Spearman 1910, Brown 1910)."""
    return None if half is None else math.sqrt(2.0 * half / (1.0 + half)) if half > 0.0 else 0.0


def _measure_halves(compared: Comparison, splits: int) -> dict[Measure, float | None]:
    """Success in one half of the episodes of each scenario against the other half; pairs as all episodes tell them."""
    rng = make_generator(0, "halves of episodes")
    sides = [_split(splits, len(won), rng) for won in compared.successes]
    oracle = replace(compared, values=compared.successes)
    drawn = oracle.weigh(np.ones((splits, compared.size)), [~side for side in sides], sides)
    return _average(measure_resamples(oracle, drawn))


def _split(splits: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """(splits, count) True for the half, rounded down, of some things that is drawn in each split."""
    return rng.random((splits, count)).argsort(axis=1) < count // 2


def _measure_retrains(compared: Comparison, units: Sequence[Unit], splits: int) -> RetrainNoise:
    recipes: dict[tuple[str, int | None], list[int]] = {}
    for place, unit in enumerate(units):
        if unit.training_seed is not None and unit.copy_of is None:
            recipes.setdefault((unit.recipe, unit.training_step), []).append(place)
    again = [places for places in recipes.values() if len({units[place].training_seed for place in places}) > 1]
    return RetrainNoise(
        recipes=len(again),
        trainings=sum(map(len, again)),
        deviation=_measure_deviation(compared, again),
        agreement=_measure_agreement(compared, _keep_ranked(compared, again), splits),
    )


def _keep_ranked(compared: Comparison, again: Sequence[list[int]]) -> list[list[int]]:
    """Keep the recipes, as places of their units, that are ranked against others: three of a group or more."""
    groups = [set(compared.groups[places].tolist()) for places in again]
    counts = Counter(next(iter(names)) for names in groups if len(names) == 1)
    return [
        places
        for places, names in zip(again, groups, strict=True)
        if len(names) == 1 and counts[next(iter(names))] >= MIN_UNITS
    ]


def _measure_agreement(compared: Comparison, again: Sequence[list[int]], splits: int) -> dict[Measure, float | None]:
    """Some of the retrains of each recipe against the others, over recipes."""
    if not again:
        return dict.fromkeys(MEASURES)
    rng = make_generator(0, "halves of retrains")
    sides = [_split(splits, len(places), rng) for places in again]
    seen, other = (
        np.stack([_mean_of(compared.rates[places], side != flip) for places, side in zip(again, sides, strict=True)], 1)
        for flip in (False, True)
    )
    even, odd = (
        np.stack([_mean_of(half[places], ~side) for places, side in zip(again, sides, strict=True)], 1)
        for half in compared.observed.halves[:, 0]
    )
    one = Comparison(
        names=tuple(str(number) for number in range(len(again))),
        groups=np.array([compared.groups[places[0]] for places in again]),
        clusters=np.array([str(number) for number in range(len(again))]),
        noun="recipes",
        successes=(),  # so that no pairs are told apart: means of several trainings are no successes
        even=(),
        values=(),
        left_out={},
    )
    drawn = Resamples(np.ones((splits, len(again))), seen, other, np.array([even, odd]))
    return _average(measure_resamples(one, drawn))


def _mean_of(rates: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(splits,) the mean of the rates (n,) that are chosen (splits, n)."""
    means: np.ndarray = (chosen * rates).sum(axis=1) / chosen.sum(axis=1)
    return means


def _measure_deviation(compared: Comparison, again: Sequence[list[int]]) -> float | None:
    """The deviation over seeds: the variance of rates less what a two-way layout of seeds and episodes calls noise."""
    if not again:
        return None
    variances, freedom = [], []
    for places in again:
        noise = sum(_noise_of_mean(won[:, places]) for won in compared.successes) / len(compared.successes) ** 2
        variances.append(float(np.var(compared.rates[places], ddof=1)) - noise)
        freedom.append(len(places) - 1)
    return math.sqrt(max(0.0, float(np.average(variances, weights=freedom))))


def _noise_of_mean(won: np.ndarray) -> float:
    """The variance of a mean over episodes (episodes, n) that is left between units if each episode is equally hard."""
    episodes, units = won.shape
    if episodes < 2:
        return 0.0
    rest = won - won.mean(axis=0) - won.mean(axis=1, keepdims=True) + won.mean()
    return float(np.square(rest).sum()) / ((episodes - 1) * (units - 1)) / episodes


def _average(rows: Mapping[Measure, np.ndarray]) -> dict[Measure, float | None]:
    """The mean of what is defined."""
    known = {name: values[np.isfinite(values)] for name, values in rows.items()}
    return {name: float(known[name].mean()) if len(known[name]) else None for name in MEASURES}
