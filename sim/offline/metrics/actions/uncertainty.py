"""Metrics of a policy's uncertainty: the variance of its predictions over passes, retrains, or overlapping chunks."""

from __future__ import annotations

import math

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode

LEAST_VARIANCE = 1e-4  # of a Gaussian whose predictions all agree
COVERAGE, COVERING_DEVIATIONS = 0.9, 1.6448536269514722  # a Gaussian's share within so many standard deviations


def measure_weighted_error(episode: PredictedEpisode, variance: np.ndarray) -> float:
    """Compute UWE: the mean absolute error weighted by the variance (t, axes); NaN if all predictions agree."""
    weights = variance.mean(axis=1)
    return float(weights @ episode.frame_errors / weights.sum()) if weights.any() else math.nan


def measure_error_times_variance(episode: PredictedEpisode, variance: np.ndarray) -> float:
    """Compute the mean product of absolute error and variance (t, axes)."""
    return float((variance.mean(axis=1) * episode.frame_errors).mean())


def measure_variance(variance: np.ndarray) -> float:
    """Compute the mean variance (t, axes) over the frames that have one: it needs no label; NaN if none has."""
    known = variance[np.isfinite(variance).all(axis=1)]
    return float(known.mean()) if len(known) else math.nan


def measure_nll(labels: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> float:
    """Compute the labels' mean negative log-likelihood under a Gaussian for each frame and axis, all (t, axes)."""
    spread = np.maximum(variance, LEAST_VARIANCE)
    return float((0.5 * (np.log(2.0 * math.pi * spread) + np.square(labels - mean) / spread)).mean())


def measure_calibration_error(labels: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> float:
    """Compute how far the share of labels within 90 % intervals of such Gaussians is from 90 %, all (t, axes)."""
    reach = COVERING_DEVIATIONS * np.sqrt(np.maximum(variance, LEAST_VARIANCE))
    return abs(float((np.abs(labels - mean) <= reach).mean()) - COVERAGE)
