"""Errors of single frames and their means: absolute, squared, thresholded, weighted, of the tail, and systematic."""

from __future__ import annotations

import math

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode

RELATIVE_TOLERANCE = 0.1  # of the label's norm
TOLERANCE = 0.1
ROUNDING = 1e-6  # so that float32 rounding doesn't decide whether an error of 0.1 is within 0.1
TAIL_QUANTILE, TAIL_SHARE = 0.95, 0.1
SEGMENT_S = 1.0


def measure_mae(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error over frames and axes."""
    return float(np.abs(episode.errors).mean())


def measure_mse(episode: PredictedEpisode) -> float:
    """Compute the mean squared error over frames and axes."""
    return float(np.square(episode.errors).mean())


def measure_rmse(episode: PredictedEpisode) -> float:
    """Compute the root of the mean squared error."""
    return math.sqrt(measure_mse(episode))


def measure_planar_mae(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error of vx and vy, as some published figures do."""
    return (measure_axis_mae(episode, "vx") + measure_axis_mae(episode, "vy")) / 2


def measure_axis_mae(episode: PredictedEpisode, axis: str) -> float:
    """Compute the mean absolute error of one axis."""
    return float(np.abs(episode.prediction(axis) - episode.label(axis)).mean())


def measure_relative_misses(episode: PredictedEpisode) -> float:
    """Compute TRE: the share of frames in which |p - a| is above ``RELATIVE_TOLERANCE`` of |a|, Euclidean norms."""
    size, allowed = np.linalg.norm(episode.errors, axis=1), np.linalg.norm(episode.labels, axis=1)
    return float((size > RELATIVE_TOLERANCE * allowed + ROUNDING).mean())


def measure_misses(episode: PredictedEpisode) -> float:
    """Compute the share of frames in which |p - a|, as a Euclidean norm, is above ``TOLERANCE``."""
    return float((np.linalg.norm(episode.errors, axis=1) > TOLERANCE + ROUNDING).mean())


def measure_accuracy(episode: PredictedEpisode) -> float:
    """Compute the share of frames in which every axis is within ``TOLERANCE``."""
    return float((np.abs(episode.errors) <= TOLERANCE + ROUNDING).all(axis=1).mean())


def measure_speed_weighted_mae(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error weighted by the label's |vx|; NaN if the demonstrator never drove ahead."""
    weights = np.abs(episode.label("vx"))
    return float(weights @ episode.frame_errors / weights.sum()) if weights.any() else math.nan


def measure_tail(episode: PredictedEpisode) -> float:
    """Compute the 95th percentile of the frames' errors."""
    return float(np.quantile(episode.frame_errors, TAIL_QUANTILE))


def measure_largest(episode: PredictedEpisode) -> float:
    """Compute the largest error of a frame."""
    return float(episode.frame_errors.max())


def measure_cvar(episode: PredictedEpisode) -> float:
    """Compute the mean error of the worst tenth of the frames: the conditional value at risk at 10 %.

    With a part of a frame in the tenth, this part of the frame counts (Rockafellar and Uryasev 2002).
    """
    worst = np.sort(episode.frame_errors)[::-1]
    taken = np.clip(TAIL_SHARE * len(worst) - np.arange(len(worst)), 0.0, 1.0)
    return float(taken @ worst / taken.sum())


def measure_segment_error(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error of the mean action over windows of ``SEGMENT_S``, one after the other.

    Jitter cancels, bias stays. A rest shorter than a window is a window of its own.
    """
    starts = np.arange(0, len(episode.errors), episode.count_frames(SEGMENT_S))
    lengths = np.diff(np.append(starts, len(episode.errors)))
    means = np.add.reduceat(episode.errors, starts, axis=0) / lengths[:, None]
    return float(np.abs(means).mean())


def measure_turn_bias(episode: PredictedEpisode) -> float:
    """Compute the size of the mean signed error of wz: what makes a robot drift to one side."""
    return abs(float((episode.prediction("wz") - episode.label("wz")).mean()))
