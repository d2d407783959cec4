"""Formulas of the navigation metrics as pure functions, each with its source."""

from __future__ import annotations

import math

import numpy as np

from policies.scripted.expert import CRUISE_SHARE
from scenarios.navigation.configuration_space import ConfigurationSpace
from scenarios.navigation.moving_goal import find_earliest_success
from scenarios.robot import ACTION_SCALE
from scenarios.world import World

PATH_SPACING_M = 0.1  # paths are resampled at this distance before they are warped onto each other
CRUISE_MPS = CRUISE_SHARE * ACTION_SCALE  # the expert's speed where nothing is near
RISK_TTC_S = 0.5  # braking from cruise takes 0.15 s; the rest is a few control steps to see and decide
RISK_CLEARANCE_M = 0.05  # below the 0.08 m a side of the narrowest opening that a scenario publishes


def path_length(points: np.ndarray) -> float:
    """Compute the length in m of the polyline through ``points`` (k, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def spl(success: bool, path_m: float, optimal_m: float) -> float:
    """Compute success weighted by path length: S * l / max(p, l), in [0, 1].

    Anderson et al. 2018, "On Evaluation of Embodied Navigation Agents" (arXiv:1807.06757), for a single episode.
    """
    return float(success) * _efficiency(path_m, optimal_m)


def soft_spl(share_covered: float, path_m: float, optimal_m: float) -> float:
    """Compute SoftSPL, with the share of the way covered in place of success: max(0, 1 - d_T / d_0) * l / max(p, l).

    Datta et al. 2020, "Integrating Egocentric Localization for More Realistic Point-Goal Navigation Agents"
    (arXiv:2009.03231); ``share_covered`` is its first factor, see ``compute_progress``.
    """
    return share_covered * _efficiency(path_m, optimal_m)


def compute_progress(left_m: float, whole_m: float) -> float:
    """Compute the share of the way to the goal that is covered: max(0, 1 - left / whole), in [0, 1]."""
    if whole_m <= 0.0:
        return 1.0 if left_m <= 0.0 else 0.0
    return min(1.0, max(0.0, 1.0 - left_m / whole_m))


def _efficiency(path_m: float, optimal_m: float) -> float:
    longest = max(path_m, optimal_m)
    return optimal_m / longest if longest > 0.0 else 1.0


def resample_path(points: np.ndarray, spacing_m: float = PATH_SPACING_M) -> np.ndarray:
    """Resample a polyline (k, 2) at equal distances of about ``spacing_m``, its ends kept: (m, 2)."""
    points = np.asarray(points, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    if along[-1] == 0.0:
        return points[:1]
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / spacing_m) + 1))
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=1)


def dtw(reference: np.ndarray, query: np.ndarray) -> float:
    """Compute dynamic time warping: the smallest sum of distances over all monotone matchings of two paths, in m.

    Sakoe and Chiba 1978; steps (1, 0), (0, 1), (1, 1), all of weight one. Filled by antidiagonals.

    Args:
        reference: (r, 2).
        query: (q, 2).
    """
    distance = np.linalg.norm(reference[:, None, :] - query[None, :, :], axis=2)  # (r, q)
    rows, columns = distance.shape
    cost = np.full((rows + 1, columns + 1), np.inf)
    cost[0, 0] = 0.0
    for diagonal in range(2, rows + columns + 1):
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        before = np.minimum(np.minimum(cost[i - 1, j], cost[i, j - 1]), cost[i - 1, j - 1])
        cost[i, j] = distance[i - 1, j - 1] + before
    return float(cost[rows, columns])


def ndtw(reference: np.ndarray, driven: np.ndarray, threshold_m: float) -> float:
    """Compute normalised dynamic time warping: exp(-DTW(R, Q) / (|R| * d_th)), in (0, 1]; 1 for the reference.

    Ilharco et al. 2019, "General Evaluation for Instruction Conditioned Navigation using Dynamic Time Warping"
    (arXiv:1907.05446). Both paths are resampled alike first, so that neither speed nor control rate counts.

    Args:
        reference: (r, 2) the expert's path.
        driven: (q, 2) the driven path.
        threshold_m: d_th, the radius that counts as reached.
    """
    r, q = resample_path(reference), resample_path(driven)
    return math.exp(-dtw(r, q) / (len(r) * threshold_m))


def sparc(
    speed: np.ndarray, period_s: float, cutoff_hz: float = 10.0, threshold: float = 0.05, padding: int = 4
) -> float:
    """Compute the spectral arc length of a speed profile: 0 is the smoothest, negative is jerky; NaN if nothing moved.

    -integral over [0, w_c] of sqrt((1 / w_c)^2 + (dV/dw)^2) dw, where V is the Fourier magnitude of the speed over its
    value at 0, and w_c is the last frequency at or below the cutoff whose V reaches the threshold.
    Balasubramanian et al. 2015, "On the analysis of movement smoothness" (J. NeuroEng. Rehabil. 12:112), with its
    constants; at 10 Hz control the cutoff is the Nyquist frequency, 5 Hz.

    Args:
        speed: (t,) speeds, in any unit.
        period_s: Time between them.
        cutoff_hz: Highest frequency counted.
        threshold: Least share of V(0) that still counts.
        padding: Zero padding, in powers of two.
    """
    if len(speed) == 0 or not np.any(speed):
        return math.nan
    length = 2 ** (math.ceil(math.log2(len(speed))) + padding)
    spectrum = np.fft.rfft(speed, length)
    magnitude = np.hypot(spectrum.real, spectrum.imag)  # np.abs rounds as the processor's instructions do
    magnitude = magnitude / magnitude.max()
    frequency = np.fft.rfftfreq(length, period_s)
    counted = frequency <= cutoff_hz
    magnitude, frequency = magnitude[counted], frequency[counted]
    last = int(np.flatnonzero(magnitude >= threshold)[-1])
    if last == 0:
        return 0.0
    steps = np.diff(frequency[: last + 1]) / frequency[last]
    return -float(np.hypot(steps, np.diff(magnitude[: last + 1])).sum())


def on_policy_mae(actions: np.ndarray, labels: np.ndarray) -> float:
    """Compute the mean absolute difference to the expert's actions in the states that the policy visited.

    Unlike offline error, it counts the states that the policy itself reached
    (Ross et al. 2011, arXiv:1011.0686). NaN without steps.

    Args:
        actions: (t, 3) in [-1, 1].
        labels: (t, 3) in [-1, 1].
    """
    return float(np.abs(actions - labels).mean()) if len(actions) else math.nan


def time_at_risk(
    clearance_m: np.ndarray, period_s: float, ttc_s: float = RISK_TTC_S, least_m: float = RISK_CLEARANCE_M
) -> float:
    """Compute the time in s with a time to collision below ``ttc_s`` or a clearance below ``least_m``.

    The first is the time exposed time-to-collision of Minderhoud and Bovy 2001, "Extended time-to-collision measures
    for road traffic safety assessment" (Accident Analysis and Prevention 33(1):89-97): the sum of the periods whose
    time to collision lies below a threshold. Time to collision refers to the nearest object: clearance over the speed
    at which it fell during the period that ends there; there is none while it grows. The second part is ours: sliding
    along a wall has no time to collision, yet leaves no time to react.

    Args:
        clearance_m: (t+1,) from the hull to the nearest blocking item, at the ends of t periods.
        period_s: Time between them.
        ttc_s: A time to collision below this counts.
        least_m: A clearance below this counts.
    """
    closing = -np.diff(clearance_m) / period_s  # (t,) m/s
    left = clearance_m[1:]
    near = (left < least_m) | ((closing > 0.0) & (left < ttc_s * closing))
    return float(near.sum() * period_s)


def minimum_time(optimal_m: float, world: World) -> float:
    """Compute the time in s for the optimal path at the expert's cruising speed, plus the required hold time.

    If the goal moves: the time until a robot at that speed has met it at the first chance and stayed as required.
    """
    if world.goal_mover is not None:
        return find_earliest_success(world, ConfigurationSpace.from_world(world), CRUISE_MPS)
    return optimal_m / CRUISE_MPS + world.task.hold_s
