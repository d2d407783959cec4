"""Judgement of a metric on a part of a population: every measure of agreement with its interval, or why it has none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.agreement.comparison import RESAMPLES, Comparison
from sim.agreement.measures import (
    BOUNDS,
    CORRELATIONS,
    MEASURES,
    REGRETS,
    Measure,
    measure_observed,
    measure_resamples,
)
from sim.agreement.selection import EpisodeChoice, Part, compare_units, list_parts
from sim.population.population import Population
from sim.statistics.correlation import PERFECT
from sim.statistics.exact import success_interval
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import correlation_interval, explain_few_episodes, explain_noise, widen_interval

MIN_CLUSTERS = 5  # with fewer, an interval doesn't cover
WORDS: Mapping[Measure, str] = {"pairwise": "pairs in order", "mmrv": "MMRV"}
PERFECT_REASON = "the same in every resample, so there is no interval: only more units can give one"


@dataclass(frozen=True)
class AgreementEstimate:
    """A measure of agreement with its 95 % interval over clusters of related units and over episodes."""

    value: float | None
    """Correlations: 1 if the metric, turned so that larger is better, ranks as success does. None where undefined."""
    low: float | None = None
    """Lower end; None where there is no interval."""
    high: float | None = None
    """Upper end; None where there is no interval."""


@dataclass(frozen=True)
class Judgement:
    """How well a metric ranks the units of a part."""

    metric: str
    """Name of the metric."""
    part: Part
    """The part."""
    units: int
    """Number of units that are compared."""
    clusters: int
    """Number of clusters of related units."""
    noun: str
    """What a cluster is, in the plural: "families"."""
    driven: int
    """Number of driven episodes of each unit."""
    recorded: int
    """Number of recorded episodes that each unit was scored on."""
    apart: int
    """Number of pairs that success tells apart (McNemar's test, corrected by Holm): those of "pairwise"."""
    reliability: float
    """Share of the variance of ranks, of success times of the metric, that isn't noise of few episodes, 0 to 1."""
    estimates: Mapping[Measure, AgreementEstimate]
    """Every measure. Correlations are intervals of what other families would give with very many episodes, the others
    of what other families would give with as many episodes."""
    reasons: Mapping[Measure, str]
    """Why a measure has no value, or no interval; nothing where it has both."""
    left_out: Mapping[str, str]
    """Unit that isn't compared -> the reason."""

    @property
    def reason(self) -> str | None:
        """All reasons in words; None without any."""
        return self.explain(MEASURES)

    def explain(self, measures: Sequence[Measure]) -> str | None:
        """Explain in words why some measures have no value or interval; None where all have both."""
        found: dict[str, list[Measure]] = {}
        for name in measures:
            if name in self.reasons:
                found.setdefault(self.reasons[name], []).append(name)
        if [list(measures)] == list(found.values()):
            return next(iter(found))
        listed = {reason: ", ".join(WORDS.get(name, name) for name in names) for reason, names in found.items()}
        return "; ".join(f"{names}: {reason}" for reason, names in listed.items()) or None


def judge_metric(
    population: Population, metric: str, part: Part, *, episodes: EpisodeChoice = "all", resamples: int = RESAMPLES
) -> Judgement:
    """Judge a metric on a part of a population.

    Args:
        population: The units.
        metric: Name of the metric.
        part: The part, one of ``list_parts``.
        episodes: The episodes that count, by number.
        resamples: Number of resamples.

    Raises:
        InputError: No unit was scored with such a metric.
    """
    return judge_units(compare_units(population, metric, part, episodes), metric, part, resamples=resamples)


def judge_units(compared: Comparison, metric: str, part: Part, *, resamples: int = RESAMPLES) -> Judgement:
    """Judge a metric on the units of a part, as ``judge_metric`` does."""
    blocking = explain_no_interval(compared, metric)
    values = measure_observed(compared) if compared.size else dict.fromkeys(MEASURES)
    intervals: Mapping[Measure, Interval | None] = {}
    reasons = dict.fromkeys(MEASURES, blocking) if blocking else explain_gaps(compared)
    if blocking is None:
        asked = {name: value for name, value in values.items() if value is not None and name not in reasons}
        intervals = _estimate_intervals(compared, asked, resamples)
        reasons |= {name: PERFECT_REASON for name in asked if intervals[name] is None}
    return Judgement(
        metric=metric,
        part=part,
        units=compared.size,
        clusters=compared.cluster_count,
        noun=compared.noun,
        driven=compared.driven,
        recorded=compared.recorded,
        apart=compared.apart.shape[1],
        reliability=compared.reliability.ranks,
        estimates={name: AgreementEstimate(values[name], *(intervals.get(name) or ())) for name in MEASURES},
        reasons=reasons,
        left_out=compared.left_out,
    )


def judge_population(
    population: Population, metrics: Iterable[str] | None = None, *, resamples: int = RESAMPLES
) -> tuple[Judgement, ...]:
    """Judge several metrics, or all of a population, on every part of it."""
    names = population.better if metrics is None else metrics
    parts = list_parts(population)
    return tuple(judge_metric(population, name, part, resamples=resamples) for name in names for part in parts)


def explain_no_interval(compared: Comparison, metric: str) -> str | None:
    """Return why the measures of a comparison have no value, or none of them an interval; None if some have both."""
    if not compared.size:
        return "there are no three units to rank against each other, with all episodes and the metric"
    if not compared.varying:
        ranked = "all units" if len(compared.members) == 1 else "the units of each group"
        return f"{ranked} have the same success, or the same {metric}"
    return explain_few_clusters(compared.cluster_count, compared.noun) or explain_few_episodes(
        driven=compared.driven, recorded=compared.recorded
    )


def explain_few_clusters(clusters: int, noun: str) -> str | None:
    """Return that an interval over so few clusters wouldn't cover; None if they are enough."""
    return (
        None if clusters >= MIN_CLUSTERS else f"{clusters} {noun} are too few for an interval: it needs {MIN_CLUSTERS}"
    )


def explain_gaps(compared: Comparison, *, differences: bool = False) -> dict[Measure, str]:
    """Return why single measures can't have an interval, where ``explain_no_interval`` has nothing against it.

    Args:
        compared: The units.
        differences: True for differences of two metrics, which are told for as many episodes: noise is part of them.
    """
    reasons: dict[Measure, str] = {}
    for name in MEASURES:
        noise = None
        if name in CORRELATIONS and not differences:
            what = "values" if name == "pearson" else "ranks"
            noise = explain_noise(getattr(compared.reliability, what), what)
        reason = noise or explain_few_clusters(count_contributing(compared, name), compared.noun)
        if reason:
            reasons[name] = reason
    return reasons


def count_contributing(compared: Comparison, name: Measure) -> int:
    """Count the clusters that a measure is made from: units of the others don't change it."""
    if name == "pairwise":
        return compared.count_clusters(compared.apart)
    if name in REGRETS:
        return compared.count_clusters(group for group in compared.members if len(group) > REGRETS[name])
    return compared.count_clusters(compared.varying if name in CORRELATIONS else compared.members)


def _estimate_intervals(
    compared: Comparison, values: Mapping[Measure, float], resamples: int
) -> dict[Measure, Interval | None]:
    draws = measure_resamples(compared, compared.resample(resamples))
    return {
        name: estimate_interval(
            name,
            value,
            draws[name],
            clusters=count_contributing(compared, name),
            reliability=compared.reliability.values if name == "pearson" else compared.reliability.ranks,
        )
        for name, value in values.items()
    }


def estimate_interval(
    name: Measure, value: float, draws: np.ndarray, *, clusters: int, reliability: float
) -> Interval | None:
    """Estimate the interval of a measure from its resamples (r,); None where no resample differs.

    Few clusters make a bootstrap too narrow by the root of c / (c - 1), which is given back, as is Student's t. A share
    of pairs of 0 or 1 has Blaker's interval at least, each cluster counted once: hardly a resample differs from it.

    Args:
        name: The measure.
        value: What was observed.
        draws: (r,) the measure over resamples; NaN where it isn't defined.
        clusters: Number of clusters that were resampled, two or more.
        reliability: Share of the variance that isn't noise, of a correlation above 0.
    """
    known = draws[np.isfinite(draws)]
    if not len(known):
        return None
    if name in CORRELATIONS:
        exact = abs(value) > PERFECT
        return (
            None
            if exact
            else correlation_interval(
                value, spread_resamples(known, clusters), reliability=reliability, episodes=clusters
            )
        )
    exact_share = None
    if name == "pairwise" and value in (0.0, 1.0):
        exact_share = success_interval(successes=round(value) * clusters, trials=clusters)
    if np.ptp(known) == 0.0:
        return exact_share
    found = widen_interval(value, spread_resamples(known, clusters), clusters=clusters, bounds=BOUNDS[name])
    if exact_share is None:
        return found if found.high > found.low else None
    return Interval(min(found.low, exact_share.low), max(found.high, exact_share.high))


def spread_resamples(draws: np.ndarray, clusters: int) -> np.ndarray:
    """Spread resamples (r,) around their mean as far as those of many clusters would lie."""
    spread: np.ndarray = draws.mean() + (draws - draws.mean()) * math.sqrt(clusters / (clusters - 1))
    return spread
