"""Metrics of a policy's answers themselves: are they valid and on time, and do its chunks agree?"""

from __future__ import annotations

import math

import numpy as np

from sim.offline.metrics.evidence import EpisodeCalls


def measure_validity(calls: EpisodeCalls) -> float:
    """Compute the share of answers that were finite and within [-1, 1]."""
    return float(calls.sound.mean())


def measure_timeliness(calls: EpisodeCalls, period_s: float) -> float:
    """Compute the share of answers that took no longer than ``period_s``, the time until the next one is due."""
    return float((calls.seconds <= period_s).mean())


def measure_chunk_variance(calls: EpisodeCalls, replan: int) -> float:
    """Compute the mean variance of what overlapping chunks predict for the same moment; NaN where none overlap.

    Args:
        calls: The calls on an episode.
        replan: Actions from one chunk to the next.
    """
    count, length, _ = calls.chunks.shape
    each = np.full((count, (count - 1) * replan + length, calls.chunks.shape[2]), np.nan)  # (k, s, 3), by moment
    for number, chunk in enumerate(calls.chunks):
        each[number, number * replan : number * replan + length] = chunk
    overlapping = each[:, np.isfinite(each[..., 0]).sum(axis=0) > 1]
    return float(np.nanvar(overlapping, axis=0, ddof=1).mean()) if overlapping.size else math.nan
