"""Intervals of a rank correlation over the episodes that both sides come from, and over both these and the items."""

from __future__ import annotations

import math

import numpy as np

from sim.statistics.bootstrap import percentile_interval
from sim.statistics.correlation import correlate_rows, pearson_rows
from sim.statistics.intervals import Z_95, Interval

MIN_EPISODES, MIN_RECORDED = 30, 20  # with fewer driven or recorded ones, the interval doesn't cover
MIN_RELIABILITY = 0.5  # of both sides together; below it, noise is as large as what is compared


def measure_reliability(estimates: np.ndarray, resampled: np.ndarray, *, ranked: bool = True) -> float:
    """Measure the share of the variance of ranks, or of values, that isn't noise of few episodes, 0 to 1.

    If the true ranks have variance v and the noise has n, estimates have v + n and resampled ones v + 2 n. Both
    correlate by the root of (v + n) / (v + 2 n), from which v / (v + n) follows.

    Args:
        estimates: (n,) of the items that are compared.
        resampled: (r, n) the same over resampled episodes.
        ranked: False for the values themselves, as Pearson's correlation sees them.
    """
    once = np.broadcast_to(estimates, resampled.shape)
    alike = correlate_rows(once, resampled)[0] if ranked else pearson_rows(once, resampled)
    known = alike[np.isfinite(alike)]
    mean = float(known.mean()) if len(known) else 0.0
    return max(0.0, 2.0 - 1.0 / mean**2) if mean > 0.0 else 0.0


def explain_no_episode_interval(*, driven: int, recorded: int, reliability: float) -> str | None:
    """Return why a correlation has no interval over episodes; None if it has one.

    Args:
        driven: Number of driven episodes.
        recorded: Number of recorded episodes.
        reliability: The product of both sides' ``measure_reliability``.
    """
    return explain_few_episodes(driven=driven, recorded=recorded) or explain_noise(reliability)


def explain_few_episodes(*, driven: int, recorded: int) -> str | None:
    """Return that there are too few episodes for resamples of them to cover; None if they are enough."""
    if driven < MIN_EPISODES or recorded < MIN_RECORDED:
        return (
            f"{driven} episodes and {recorded} recorded ones are too few for an interval over episodes: "
            f"it needs {MIN_EPISODES} and {MIN_RECORDED}"
        )
    return None


def explain_noise(reliability: float, what: str = "ranks") -> str | None:
    """Return that noise hides what a correlation of ranks, or of values, would be with very many episodes; or None."""
    if reliability < MIN_RELIABILITY:
        return (
            f"noise of few episodes makes up {100 * (1 - reliability):.0f} % of the variance of {what}, so there is no "
            "interval over episodes: drive more episodes"
        )
    return None


def correlation_interval(value: float, resampled: np.ndarray, *, reliability: float, episodes: int) -> Interval:
    """Compute the 95 % interval of a rank correlation over episodes: what it would be with very many of them.

    Noise pulls a correlation towards 0, and resampling adds the same noise again, so the percentile interval misses a
    strong correlation nearly always. This is the hull of three: the percentile interval; the reflected one (Davison and
    Hinkley 1997, "Bootstrap Methods and their Application", section 5.2); and the bootstrap's spread around the value
    corrected for attenuation (Spearman 1904, "The proof and measurement of association between two things", American
    Journal of Psychology 15:72), widened by Student's t.

    Args:
        value: The correlation.
        resampled: (r,) the correlation over resampled episodes; NaN where it isn't defined.
        reliability: The product of both sides' ``measure_reliability``, above 0.
        episodes: Number of episodes of the side that has fewer.
    """
    from scipy.special import stdtrit

    known = resampled[np.isfinite(resampled)]
    low, high = percentile_interval(known)
    dilution = math.sqrt(reliability)
    centre = min(1.0, max(-1.0, value / dilution))
    half = max(high - known.mean(), known.mean() - low) / dilution * float(stdtrit(episodes - 1, 0.975)) / Z_95
    return _clip(min(low, 2.0 * value - high, centre - half), max(high, 2.0 * value - low, centre + half))


def widen_interval(value: float, resampled: np.ndarray, *, clusters: int, bounds: tuple[float, float]) -> Interval:
    """Compute the 95 % interval of a bounded measure from resamples of few clusters.

    The hull of the percentile interval, the reflected one, and one of the wider side around the value, widened by
    Student's t.

    Args:
        value: The measure.
        resampled: (r,) the measure over resamples, all finite.
        clusters: Number of clusters that were resampled.
        bounds: The smallest and the largest value that the measure can have.
    """
    from scipy.special import stdtrit

    low, high = percentile_interval(resampled)
    half = max(high - resampled.mean(), resampled.mean() - low) * float(stdtrit(clusters - 1, 0.975)) / Z_95
    ends = min(low, 2.0 * value - high, value - half), max(high, 2.0 * value - low, value + half)
    return Interval(max(bounds[0], float(ends[0])), min(bounds[1], float(ends[1])))


def combine_intervals(value: float, one: Interval, other: Interval) -> Interval:
    """Combine the intervals of a correlation over policies and over episodes into one over both.

    Zou and Donner 2008, "Construction of confidence limits about effect measures" (Statistics in Medicine 27:1693):
    the distances from the value to independent bounds, by Pythagoras.
    """
    down, up = math.hypot(value - one.low, value - other.low), math.hypot(one.high - value, other.high - value)
    return _clip(value - down, value + up)


def _clip(low: float, high: float) -> Interval:
    return Interval(float(max(-1.0, low)), float(min(1.0, high)))
