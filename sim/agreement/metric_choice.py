"""Two metrics against each other, and the choice of the best of many: chosen on some episodes, reported on others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.agreement.comparison import RESAMPLES
from sim.agreement.judgement import (
    AgreementEstimate,
    Judgement,
    count_contributing,
    explain_gaps,
    explain_no_interval,
    judge_metric,
    spread_resamples,
)
from sim.agreement.measures import BOUNDS, MEASURES, Measure, measure_observed, measure_resamples
from sim.agreement.selection import EpisodeChoice, Part, compare_units
from sim.population.population import MAE, Population
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import widen_interval

FOLDS: tuple[tuple[EpisodeChoice, EpisodeChoice], ...] = (("even", "odd"), ("odd", "even"))


@dataclass(frozen=True)
class MetricDifference:
    """How much better one metric ranks the units of a part than another."""

    metric: str
    """The metric."""
    baseline: str
    """The metric that it is compared with."""
    part: Part
    """The part."""
    units: int
    """Number of units that were scored with both."""
    differences: Mapping[Measure, AgreementEstimate]
    """Measure of the metric less that of the baseline, over the same resamples of clusters and episodes: what other
    families would give with as many episodes."""
    reason: str | None
    """Why no measure has a value, or none an interval; None where some have both."""


def compare_metrics(
    population: Population, metric: str, baseline: str, part: Part, *, resamples: int = RESAMPLES
) -> MetricDifference:
    """Compare two metrics on the same units.

    Raises:
        InputError: No unit was scored with one of the metrics.
    """
    kept = set.intersection(*(set(compare_units(population, name, part).names) for name in (metric, baseline)))
    common = population.select(kept)
    one, other = (compare_units(common, name, part) for name in (metric, baseline))
    reason = explain_no_interval(one, metric) or explain_no_interval(other, baseline)
    values = [measure_observed(each) if each.size else dict.fromkeys(MEASURES) for each in (one, other)]
    draws = [measure_resamples(each, each.resample(resamples)) for each in (one, other)] if reason is None else []
    gaps = explain_gaps(one, differences=True) if draws else {}
    found = {}
    for name in MEASURES:
        first, second = values[0][name], values[1][name]
        value = None if first is None or second is None else first - second
        interval = None
        if value is not None and draws and name not in gaps:
            clusters = count_contributing(one, name)
            interval = _difference_interval(name, value, draws[0][name] - draws[1][name], clusters)
        found[name] = AgreementEstimate(value, *(interval or ()))
    return MetricDifference(metric, baseline, part, one.size, found, reason)


def _difference_interval(name: Measure, value: float, draws: np.ndarray, clusters: int) -> Interval | None:
    known = draws[np.isfinite(draws)]
    if not len(known) or np.ptp(known) == 0.0:
        return None
    low, high = BOUNDS[name]
    spread = spread_resamples(known, clusters)
    return widen_interval(value, spread, clusters=clusters, bounds=(low - high, high - low))


@dataclass(frozen=True)
class Choice:
    """The best of several metrics by one half of the episodes, judged on the other half."""

    chosen_on: EpisodeChoice
    """The episodes that it was chosen by: of "even" or of "odd" number."""
    metric: str
    """The metric of the largest Spearman's rho there."""
    flattered: float
    """Its rho on the episodes that it was chosen by."""
    report: Judgement
    """Its judgement on the other episodes, driven and recorded ones. Without regret, which takes two halves itself."""
    mae: float | None
    """The rho of the MAE on those; None where it isn't defined."""


def choose_metric(
    population: Population, part: Part, metrics: Iterable[str] | None = None, *, resamples: int = RESAMPLES
) -> tuple[Choice, ...]:
    """Choose the best of several metrics on one half of the episodes, and report it on the other, both ways round.

    The best of many on the episodes that chose it looks better than it is: a published gain was 1.87 times too large
    (RouterVLA, arXiv 2606.27355). Driven and recorded episodes are split by number, even and odd. A metric without a
    correlation can't be chosen.

    Returns:
        One choice per direction; fewer where no metric has a correlation.
    """
    names = tuple(population.better if metrics is None else metrics)
    found = []
    for chosen_on, reported_on in FOLDS:
        values = {name: _measure_spearman(population, name, part, chosen_on) for name in names}
        known = {name: value for name, value in values.items() if value is not None}
        if known:
            best = max(known, key=known.__getitem__)
            report = judge_metric(population, best, part, episodes=reported_on, resamples=resamples)
            mae = _measure_spearman(population, MAE, part, reported_on) if MAE in population.better else None
            found.append(Choice(chosen_on, best, known[best], report, mae))
    return tuple(found)


def _measure_spearman(population: Population, metric: str, part: Part, episodes: EpisodeChoice) -> float | None:
    compared = compare_units(population, metric, part, episodes)
    return measure_observed(compared)["spearman"] if compared.size else None
