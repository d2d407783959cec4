"""How well an episode was driven: pure functions of its trace, each with its formula and where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.rollout import CONTROL_PERIOD_S

if TYPE_CHECKING:
    from scenarios.world import World
    from sim.observers import EpisodeTrace
    from sim.rollout import Outcome

PATH_SPACING_M = 0.1  # paths are resampled at this distance before they are warped onto each other


def path_length(points: np.ndarray) -> float:
    """Length in m of the polyline through ``points`` (k, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def spl(success: bool, path_m: float, optimal_m: float) -> float:
    """Success weighted by path length: S * l / max(p, l), in [0, 1].

    Anderson et al. 2018, "On Evaluation of Embodied Navigation Agents" (arXiv:1807.06757), for a single episode.
    """
    return float(success) * _efficiency(path_m, optimal_m)


def soft_spl(share_covered: float, path_m: float, optimal_m: float) -> float:
    """SPL whose success is the share of the way covered at the end: max(0, 1 - d_T / d_0) * l / max(p, l), in [0, 1].

    Datta et al. 2020, "Integrating Egocentric Localization for More Realistic Point-Goal Navigation Agents"
    (arXiv:2009.03231); ``share_covered`` is its first factor, see ``covered``.
    """
    return share_covered * _efficiency(path_m, optimal_m)


def covered(left_m: float, whole_m: float) -> float:
    """Share of the way to the goal that lies behind: max(0, 1 - left / whole), in [0, 1]."""
    if whole_m <= 0.0:
        return 1.0 if left_m <= 0.0 else 0.0
    return min(1.0, max(0.0, 1.0 - left_m / whole_m))


def _efficiency(path_m: float, optimal_m: float) -> float:
    longest = max(path_m, optimal_m)
    return optimal_m / longest if longest > 0.0 else 1.0


def resampled(points: np.ndarray, spacing_m: float = PATH_SPACING_M) -> np.ndarray:
    """The polyline ``points`` (k, 2) as points at equal distances of about ``spacing_m``, its ends kept, (m, 2)."""
    points = np.asarray(points, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    if along[-1] == 0.0:
        return points[:1]
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / spacing_m) + 1))
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=1)


def dtw(reference: np.ndarray, query: np.ndarray) -> float:
    """Dynamic time warping: the least sum of distances over all monotone matchings of two point series, in m.

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
    """Normalised dynamic time warping: exp(-DTW(R, Q) / (|R| * d_th)), in (0, 1]; 1 for the reference itself.

    Ilharco et al. 2019, "General Evaluation for Instruction Conditioned Navigation using Dynamic Time Warping"
    (arXiv:1907.05446). Both paths are resampled alike first, so that neither speed nor control rate counts.

    Args:
        reference: (r, 2) the expert's path.
        driven: (q, 2) the path that was driven.
        threshold_m: d_th, the radius that counts as reached.
    """
    r, q = resampled(reference), resampled(driven)
    return math.exp(-dtw(r, q) / (len(r) * threshold_m))


def sparc(
    speed: np.ndarray, period_s: float, cutoff_hz: float = 10.0, threshold: float = 0.05, padding: int = 4
) -> float:
    """Spectral arc length of a speed profile: 0 is the smoothest, more negative is jerkier; NaN if nothing moved.

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
    magnitude = np.abs(np.fft.rfft(speed, length))
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
    """Mean absolute difference to the expert's answer in the very states that the policy visited; NaN without steps.

    Unlike offline error, it counts where the policy took itself (Ross et al. 2011, arXiv:1011.0686).

    Args:
        actions: (t, 3) in [-1, 1].
        labels: (t, 3) in [-1, 1].
    """
    return float(np.abs(actions - labels).mean()) if len(actions) else math.nan


def score(trace: EpisodeTrace, world: World, outcome: Outcome) -> dict[str, float | None]:
    """The metrics of one episode, by the names of the columns in ``episodes.jsonl``; None where one is undefined.

    ``time_s`` counts control steps, ``progress`` is the largest share of the way that was ever covered, ``clearance_m``
    the least over the episode, ``policy_ms`` the median answer.
    """
    driven = trace.poses[:, :2]
    path_m = path_length(driven)
    speed = np.linalg.norm(np.diff(driven, axis=0), axis=1) / CONTROL_PERIOD_S
    left_m = trace.to_goal_m.tolist()
    values = {
        "time_s": round(outcome.steps * CONTROL_PERIOD_S, 6),
        "path_m": path_m,
        "optimal_m": trace.optimal_m,
        "spl": spl(outcome.status == "success", path_m, trace.optimal_m),
        "soft_spl": soft_spl(covered(left_m[-1], left_m[0]), path_m, trace.optimal_m),
        "ndtw": ndtw(trace.reference, driven, world.task.goal.radius_m),
        "clearance_m": float(trace.clearance_m.min()),
        "smoothness": sparc(speed, CONTROL_PERIOD_S),
        "progress": covered(min(left_m), left_m[0]),
        "on_policy_mae": on_policy_mae(trace.actions, trace.labels),
        "policy_ms": float(np.median(trace.policy_ms)) if len(trace.policy_ms) else math.nan,
    }
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
