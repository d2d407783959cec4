"""Metrics of whole sequences: time warping, smoothness, first decisions and stops."""

from __future__ import annotations

import math

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode

WARP_S = 0.5  # Sakoe-Chiba band on each side
ENDS_S = 2.0
STOPPED = 0.1  # every axis at most this
TURNING_WZ = 0.05  # a change of sign between smaller turns is no flip


def measure_warped_mae(episode: PredictedEpisode) -> float:
    """Compute DTW-MAE: the mean absolute error along the best warping of predictions onto labels, within ``WARP_S``.

    Sakoe and Chiba 1978; steps (1, 0), (0, 1), (1, 1). A policy that does the right thing a little early or late isn't
    punished twice.
    """
    cost = np.abs(episode.labels[:, None] - episode.predictions[None]).mean(axis=2)  # (t, t)
    reach, length = episode.count_frames(WARP_S), len(cost)
    best: dict[tuple[int, int], tuple[float, int]] = {(-1, -1): (0.0, 0)}  # cell -> (sum, cells) of the best path to it
    nowhere = (math.inf, 0)
    for i in range(length):
        for j in range(max(0, i - reach), min(length, i + reach + 1)):
            before = min(
                best.get((i - 1, j - 1), nowhere), best.get((i - 1, j), nowhere), best.get((i, j - 1), nowhere)
            )
            best[i, j] = before[0] + float(cost[i, j]), before[1] + 1
    total, cells = best[length - 1, length - 1]
    return total / cells


def measure_smoothness_gap(episode: PredictedEpisode) -> float:
    """Compute |sum |Δp| - sum |Δa|| per frame: how much more, or less, the predictions change along the episode."""
    given, wanted = (
        float(np.abs(np.diff(actions, axis=0)).mean(axis=1).sum()) for actions in (episode.predictions, episode.labels)
    )
    return abs(given - wanted) / len(episode.labels)


def measure_flips(episode: PredictedEpisode) -> float:
    """Compute the share of steps at which the predicted turn changes its direction."""
    turn = episode.prediction("wz")
    turning = np.abs(turn) > TURNING_WZ
    flips = (turn[1:] * turn[:-1] < 0.0) & turning[1:] & turning[:-1]
    return float(flips.mean()) if len(flips) else math.nan


def measure_first_error(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error in the first ``ENDS_S``, where the first decision falls."""
    return float(episode.frame_errors[: episode.count_frames(ENDS_S)].mean())


def measure_last_error(episode: PredictedEpisode) -> float:
    """Compute the mean absolute error in the last ``ENDS_S``, where the robot arrives."""
    return float(episode.frame_errors[-episode.count_frames(ENDS_S) :].mean())


def measure_stop_precision(episode: PredictedEpisode) -> float:
    """Compute the share of the policy's stops at which the demonstrator stops, too; NaN if the policy never stops."""
    wanted, given = _find_stops(episode)
    return float(wanted[given].mean()) if given.any() else math.nan


def measure_stop_recall(episode: PredictedEpisode) -> float:
    """Compute the share of the demonstrator's stops at which the policy stops, too; NaN if there are none."""
    wanted, given = _find_stops(episode)
    return float(given[wanted].mean()) if wanted.any() else math.nan


def _find_stops(episode: PredictedEpisode) -> tuple[np.ndarray, np.ndarray]:
    """Masks (t,) of the frames in which the demonstrator stands still, and the policy would."""
    wanted, given = ((np.abs(each) <= STOPPED).all(axis=1) for each in (episode.labels, episode.predictions))
    return wanted, given
