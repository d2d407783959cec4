"""Measures a policy by offline metrics: gathers what they need, computes them, and gives each an interval."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from policies.dataset.episodes import EpisodeDataset
from policies.policy import Policy
from scenarios.common.errors import InputError
from scenarios.common.user_code import describe_failure
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.gathering.gather import Gathered, gather_evidence, list_needs
from sim.offline.metrics.gathering.subject import Subject
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.registry import OFFLINE_METRICS
from sim.offline.metrics.score import FEWEST_EPISODES, MetricScore
from sim.offline.predictions import check_compatible
from sim.statistics.bootstrap import ratio_interval

DECIMALS = 6


def measure_policy(
    policy: Policy,
    recording: EpisodeDataset,
    metrics: Sequence[OfflineMetric] = OFFLINE_METRICS,
    retrains: Sequence[Policy] = (),
) -> tuple[MetricScore, ...]:
    """Measure a policy on a data set by some offline metrics.

    Args:
        policy: The policy.
        recording: The data set.
        metrics: What to measure.
        retrains: The same policy trained again with other seeds, for the metrics of uncertainty.

    Returns:
        A score for each metric, in their order; one that can't be computed says why.

    Raises:
        InputError: The policy can't be scored on this data set, or a frame can't be read.
    """
    signals = tuple(recording.signals(number) for number in range(len(recording)))
    check_compatible(policy, signals, recording)
    subject = Subject(policy, recording, signals, tuple(retrains))
    gathered = gather_evidence(subject, {need for metric in metrics for need in metric.needs})
    return tuple(_score(metric, gathered, recording.mapping.axes) for metric in metrics)


def _score(metric: OfflineMetric, gathered: Gathered, axes: Sequence[str]) -> MetricScore:
    began = time.perf_counter()
    spent = sum((gathered.costs.get(need, Cost()) for need in list_needs(metric.needs)), Cost())
    empty = MetricScore(
        metric.name, metric.label, metric.unit, metric.better, metric.needs, metric.source, _round_cost(spent)
    )
    reasons = [f"the data set has no {axis}" for axis in metric.axes if axis not in axes]
    reasons += [gathered.missing[need] for need in metric.needs if need in gathered.missing]
    if reasons:
        return replace(empty, unavailable=reasons[0])
    values = _compute(metric, gathered)
    known = values[np.isfinite(values)]
    if not len(known):
        return replace(empty, unavailable=metric.undefined)
    low, high = _find_interval(known, metric.bounds)
    kept = None if metric.kept is None else round(metric.kept(gathered.evidence), DECIMALS)
    return replace(
        empty,
        value=round(float(known.mean()), DECIMALS),
        low=low,
        high=high,
        episodes=tuple(round(value, DECIMALS) if math.isfinite(value) else None for value in values.tolist()),
        kept=kept,
        cost=_round_cost(spent + Cost(seconds=time.perf_counter() - began)),
    )


def _compute(metric: OfflineMetric, gathered: Gathered) -> np.ndarray:
    """The metric's value of each episode; an error names the metric and the line that failed."""
    try:
        return np.asarray(metric.measure(gathered.evidence), np.float64)
    except Exception as error:
        raise InputError(f"offline metric '{metric.name}' failed: {describe_failure(error)}") from error


def _find_interval(values: np.ndarray, bounds: tuple[float, float]) -> tuple[float | None, float | None]:
    """The 95 % interval of the mean of some episodes' values, within the metric's bounds."""
    interval = None if len(values) < FEWEST_EPISODES else ratio_interval(values, np.ones(len(values)))
    if interval is None:
        return None, None
    return round(max(bounds[0], interval.low), DECIMALS), round(min(bounds[1], interval.high), DECIMALS)


def _round_cost(cost: Cost) -> Cost:
    return replace(cost, seconds=round(cost.seconds, 3))
