"""Percentile bootstraps over episodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.common.seeding import make_generator
from sim.statistics.intervals import Interval

RESAMPLES = 2000


def resample_counts(episodes: int, rng: np.random.Generator) -> np.ndarray:
    """Sample counts (r, episodes) of each episode in each resample, with replacement."""
    return rng.multinomial(episodes, np.full(episodes, 1.0 / episodes), RESAMPLES)


def percentile_interval(values: np.ndarray) -> Interval:
    """Return the 95 % percentile interval (Efron and Tibshirani 1993, chapter 13) of a number's resamples (r,)."""
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(low), float(high))


def bootstrap_mean(values: Sequence[float]) -> Interval:
    """Compute the bootstrap interval of a mean, with a fixed seed.

    With equal values its width is 0, whatever their number. Needs at least one value.
    """
    if not values:
        raise ValueError("no values: their mean is undefined")
    levels, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    # Counts of the distinct values: the same as resampling the values one by one, and independent of their order.
    resampled = make_generator(0, "bootstrap").multinomial(len(values), counts / len(values), RESAMPLES)  # (r, levels)
    return percentile_interval(resampled @ levels / len(values))
