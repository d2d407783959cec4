"""Judgement of a metric on a part of a population: every measure of agreement with its interval, or why it has none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.agreement.comparison import RESAMPLES, Comparison
from sim.agreement.measures import BOUNDS, CORRELATIONS, MEASURES, Measure, measure_observed, measure_resamples
from sim.agreement.selection import EpisodeChoice, Part, compare_units, list_parts
from sim.population.population import Population
from sim.statistics.correlation import PERFECT
from sim.statistics.exact import success_interval
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import correlation_interval, explain_few_episodes, explain_noise, widen_interval

MIN_CLUSTERS = 5  # with fewer, an interval doesn't cover


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
    """Share of the variance of both rankings that isn't noise of few episodes, 0 to 1."""
    estimates: Mapping[Measure, AgreementEstimate]
    """Every measure. Correlations are intervals of what other families would give with very many episodes, the others
    of what other families would give with as many episodes."""
    reason: str | None
    """Why there is no value, or no interval, of correlations at least; None where there are both."""
    left_out: Mapping[str, str]
    """Unit that isn't compared -> the reason."""


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
    reason = explain_no_interval(compared, metric)
    values = measure_observed(compared) if compared.size else dict.fromkeys(MEASURES)
    intervals: Mapping[Measure, Interval | None] = {}
    if reason is None:
        known = list_told(compared)
        intervals = _estimate_intervals(compared, {name: values[name] for name in known}, resamples)
        reason = explain_noise(compared.reliability) or _explain_gaps(values, intervals)
    return Judgement(
        metric=metric,
        part=part,
        units=compared.size,
        clusters=compared.cluster_count,
        noun=compared.noun,
        driven=compared.driven,
        recorded=compared.recorded,
        apart=compared.apart.shape[1],
        reliability=compared.reliability,
        estimates={name: AgreementEstimate(values[name], *(intervals.get(name) or ())) for name in MEASURES},
        reason=reason,
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
    """Return why the measures of a comparison have no value, or none of them an interval; None if they have both."""
    if not compared.size:
        return "no units with all episodes and the metric: a ranking needs three that may be ranked against each other"
    if not compared.varying:
        ranked = "all units" if len(compared.members) == 1 else "the units of each group"
        return f"{ranked} have the same success, or the same {metric}"
    if compared.cluster_count < MIN_CLUSTERS:
        return f"{compared.cluster_count} {compared.noun} are too few for an interval: it needs {MIN_CLUSTERS}"
    return explain_few_episodes(driven=compared.driven, recorded=compared.recorded)


def list_told(compared: Comparison) -> tuple[Measure, ...]:
    """List the measures that can have an interval where ``explain_no_interval`` has nothing against it.

    Correlations, since they are told for very many episodes, can't where noise is as large as what is compared; pairs
    can't if they come from too few clusters.
    """
    hidden = CORRELATIONS if explain_noise(compared.reliability) else ()
    few: tuple[Measure, ...] = ("pairwise",) if compared.apart_clusters < MIN_CLUSTERS else ()
    return tuple(name for name in MEASURES if name not in (*hidden, *few))


def _explain_gaps(values: Mapping[Measure, float | None], intervals: Mapping[Measure, Interval | None]) -> str | None:
    """Return which measures were to have an interval and have none; None without any."""
    exact = [name for name, interval in intervals.items() if interval is None and values[name] is not None]
    if not exact:
        return None
    return f"{', '.join(exact)}: perfect in every resample, so there is no interval: only more units can give one"


def _estimate_intervals(
    compared: Comparison, values: Mapping[Measure, float | None], resamples: int
) -> dict[Measure, Interval | None]:
    draws = measure_resamples(compared, compared.resample(resamples))
    return {
        name: None
        if (value := values[name]) is None
        else estimate_interval(
            name,
            value,
            draws[name],
            clusters=compared.apart_clusters if name == "pairwise" else compared.cluster_count,
            reliability=compared.reliability,
        )
        for name in values
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
        reliability: Share of the variance of both rankings that isn't noise, above 0.
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
        return found
    return Interval(min(found.low, exact_share.low), max(found.high, exact_share.high))


def spread_resamples(draws: np.ndarray, clusters: int) -> np.ndarray:
    """Spread resamples (r,) around their mean as far as those of many clusters would lie."""
    spread: np.ndarray = draws.mean() + (draws - draws.mean()) * math.sqrt(clusters / (clusters - 1))
    return spread
