"""Rows of the metrics of a policy's answers, and of further passes over the same frames."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.offline.metrics.actions import answers, uncertainty
from sim.offline.metrics.actions.errors import measure_mae
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence, Need
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.rows.action_rows import INFINITE, SHARE

UWE = "uncertainty-weighted error of arXiv 2510.08571, in our reading"


def _weigh_errors(evidence: Evidence) -> np.ndarray:
    pairs = zip(evidence.episodes, evidence.ensemble, strict=True)
    return np.array([uncertainty.measure_weighted_error(episode, _spread(each)) for episode, each in pairs])


def _multiply_errors(evidence: Evidence) -> np.ndarray:
    pairs = zip(evidence.episodes, evidence.ensemble, strict=True)
    return np.array([uncertainty.measure_error_times_variance(episode, _spread(each)) for episode, each in pairs])


def _spread(ensemble: np.ndarray) -> np.ndarray:
    """The variance (t, axes) of predictions (k, t, axes)."""
    variance: np.ndarray = ensemble.var(axis=0, ddof=1)
    return variance


def _use_row(
    name: str, label: str, need: Need, select: Callable[[Evidence], tuple[PredictedEpisode, ...]]
) -> OfflineMetric:
    """Make the row of how much more other predictions err than the policy's own."""

    def measure(evidence: Evidence) -> np.ndarray:
        pairs = zip(select(evidence), evidence.episodes, strict=True)
        return np.array([measure_mae(other) - measure_mae(own) for other, own in pairs])

    return OfflineMetric(
        name=name,
        label=label,
        better="larger",
        needs=("labels", need),
        bounds=(-INFINITE, INFINITE),
        measure=measure,
    )


def _gaussian_row(
    name: str,
    label: str,
    bounds: tuple[float, float],
    source: str,
    measure: Callable[[np.ndarray, np.ndarray, np.ndarray], float],
) -> OfflineMetric:
    """Make the row of a function of labels, mean and variance over retrains."""

    def apply(evidence: Evidence) -> np.ndarray:
        pairs = zip(evidence.episodes, evidence.ensemble, strict=True)
        return np.array([measure(one.labels, each.mean(axis=0), _spread(each)) for one, each in pairs])

    return OfflineMetric(
        name=name, label=label, needs=("labels", "retrains"), bounds=bounds, source=source, measure=apply
    )


PASS_METRICS: tuple[OfflineMetric, ...] = (
    OfflineMetric(
        name="validity",
        label="share of answers that are finite and within range",
        better="larger",
        bounds=SHARE,
        source="pi0-fast-yam-eval: frames that decode to no valid action",
        measure=lambda evidence: np.array([answers.measure_validity(calls) for calls in evidence.calls]),
    ),
    OfflineMetric(
        name="on_time",
        label="share of answers that are there before the next one is due, on this machine",
        better="larger",
        bounds=SHARE,
        measure=lambda evidence: np.array(
            [answers.measure_timeliness(calls, evidence.period_s) for calls in evidence.calls]
        ),
    ),
    OfflineMetric(
        name="chunk_variance",
        label="variance of what overlapping chunks predict for the same moment",
        needs=("chunks",),
        measure=lambda evidence: np.array(
            [answers.measure_chunk_variance(calls, evidence.replan) for calls in evidence.calls]
        ),
    ),
    OfflineMetric(
        name="uwe",
        label="mean absolute error weighted by the variance over retrains",
        needs=("labels", "retrains"),
        source=UWE,
        undefined="the policy and its retrains always agree",
        measure=_weigh_errors,
    ),
    OfflineMetric(
        name="error_times_variance",
        label="mean product of absolute error and variance over retrains",
        needs=("labels", "retrains"),
        source=UWE,
        measure=_multiply_errors,
    ),
    OfflineMetric(
        name="variance",
        label="mean variance over retrains, without labels",
        needs=("retrains",),
        source="ensemble disagreement, Lakshminarayanan et al. 2017, arXiv 1612.01474",
        measure=lambda evidence: np.array([uncertainty.measure_variance(_spread(each)) for each in evidence.ensemble]),
    ),
    _gaussian_row(
        "nll",
        "negative log-likelihood of the labels under mean and variance over retrains",
        (-INFINITE, INFINITE),
        "deep ensembles, arXiv 1612.01474",
        uncertainty.measure_nll,
    ),
    _gaussian_row(
        "calibration",
        "how far the share of labels within 90 % intervals over retrains is from 90 %",
        SHARE,
        "calibrated regression, Kuleshov et al. 2018, arXiv 1807.00263",
        uncertainty.measure_calibration_error,
    ),
    _use_row(
        "vision_use",
        "error on grey frames less that on the recorded ones",
        "blank frames",
        lambda evidence: evidence.blank,
    ),
    _use_row(
        "words_use",
        "error with another episode's instruction less that with its own",
        "other words",
        lambda evidence: evidence.reworded,
    ),
)
