"""Bootstraps over episodes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenarios.common.seeding import make_generator
from sim.statistics.intervals import Interval

RESAMPLES = 2000
MIN_EPISODES = 2  # of an interval over episodes
ROUNDING = 1e-9
FARTHEST = 3.0  # times Student's t: resamples of a few nearly equal episodes would have it without limit


def resample_counts(episodes: int, rng: np.random.Generator, resamples: int = RESAMPLES) -> np.ndarray:
    """Sample counts (r, episodes) of each episode in each resample, with replacement."""
    return rng.multinomial(episodes, np.full(episodes, 1.0 / episodes), resamples)


@lru_cache(maxsize=8)
def resample_weights(episodes: int) -> np.ndarray:
    """Sample the counts (r, episodes) of each episode in each resample, with a fixed seed."""
    return resample_counts(episodes, make_generator(0, "bootstrap")).astype(np.float64)


def percentile_interval(values: np.ndarray) -> Interval:
    """Return the 95 % percentile interval (Efron and Tibshirani 1993, chapter 13) of a number's resamples (r,)."""
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(low), float(high))


def omit_constant(interval: Interval) -> Interval | None:
    """Return an interval over resamples, or None if it has no width: that none differs isn't certainty."""
    return interval if interval.high - interval.low > ROUNDING else None


def ratio_interval(sums: np.ndarray, weights: np.ndarray) -> Interval | None:
    """Compute the bootstrap-t interval of a mean over frames, resampling whole episodes.

    Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 12.5; Hall 1988, "Theoretical comparison of
    bootstrap confidence intervals" (Annals of Statistics 16:927). In each resample the mean's distance is measured in
    the resample's own standard errors, which allows for few episodes and for skewed errors; the percentile interval of
    five episodes covers 80 %. Each end is at least as far as by Student's t. With equal means the width is
    0. A single episode doesn't tell how much episodes differ: None.

    Args:
        sums: (e,) of each episode, the sum over its frames.
        weights: (e,) of each episode, the number of its frames.
    """
    from scipy.special import stdtrit  # slow to import

    episodes = len(sums)
    if episodes < MIN_EPISODES:
        return None
    mean = float(sums.sum() / weights.sum())
    away = sums - mean * weights  # (e,)
    error = float(_standard_errors(np.ones((1, episodes)), away, weights)[0])
    if error <= 1e-12 * (1.0 + abs(mean)):
        return Interval(mean, mean)
    counts = resample_weights(episodes)
    errors = _standard_errors(counts, away, weights)
    usable = errors > 1e-6 * error  # a resample of one episode only has no standard error
    distances = ((counts @ away) / (counts @ weights))[usable] / errors[usable]
    student = float(stdtrit(episodes - 1, 0.975))
    low, high = np.clip(np.abs(np.quantile(distances, [0.025, 0.975])), student, FARTHEST * student)
    return Interval(mean - float(high) * error, mean + float(low) * error)


def _standard_errors(counts: np.ndarray, away: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(r,) the standard error of ``away`` / ``weights`` in each resample (r, e), by linearisation."""
    total, episodes = counts @ weights, len(away)
    mean = (counts @ away) / total
    squares = counts @ away**2 - 2.0 * mean * (counts @ (away * weights)) + mean**2 * (counts @ weights**2)
    found: np.ndarray = np.sqrt(np.maximum(squares, 0.0) * episodes / max(1, episodes - 1)) / total
    return found
