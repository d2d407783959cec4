"""Confidence intervals by formula: of a rate, a paired difference, and a mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Z_95 = 1.959963984540054  # the 97.5th percentile of the normal distribution


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


def wilson_interval(*, successes: int, trials: int, z: float = Z_95) -> Interval:
    """Compute the Wilson score interval of a success rate.

    Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference" (JASA 22:209); recommended for
    small counts by Brown, Cai and DasGupta 2001 (Statistical Science 16:101). Unlike the usual +-1.96 standard errors
    its width isn't 0 at 0 or 100 %. Without trials it is [0, 1].
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials")
    if trials == 0:
        return Interval(0.0, 1.0)
    rate = successes / trials
    scale = 1.0 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(rate * (1.0 - rate) / trials + z * z / (4 * trials * trials))
    # At 0 and at 100 % the bound is exact; rounding must not push it past the rate.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return Interval(low, high)


class RateDifference(NamedTuple):
    """A difference of two rates with its 95 % interval."""

    difference: float
    low: float
    high: float


def paired_difference(*, both: int, gained: int, lost: int, neither: int) -> RateDifference:
    """Compute the rate after minus the rate before, of episodes that were each driven twice.

    Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired data"
    (Statistics in Medicine 17:2635), method 10: the distances from each rate to its Wilson bounds, combined by
    the law of cosines with the correlation of the two, which is corrected for continuity where it is positive.
    Unlike the usual interval, its width isn't 0 if no episode changed.

    Args:
        both: Successes before and after.
        gained: Successes only after.
        lost: Successes only before.
        neither: Failures both times.
    """
    if min(both, gained, lost, neither) < 0:
        raise ValueError(f"negative counts of pairs: {both}, {gained}, {lost}, {neither}")
    pairs = both + gained + lost + neither
    if pairs == 0:
        raise ValueError("no pairs: their difference is undefined")
    before, after = (both + lost) / pairs, (both + gained) / pairs
    before_low, before_high = wilson_interval(successes=both + lost, trials=pairs)
    after_low, after_high = wilson_interval(successes=both + gained, trials=pairs)
    phi = _continuous_phi(both, gained, lost, neither)
    difference = after - before
    down = _law_of_cosines(after - after_low, before_high - before, phi)
    up = _law_of_cosines(after_high - after, before - before_low, phi)
    return RateDifference(difference, max(-1.0, difference - down), min(1.0, difference + up))


def _continuous_phi(both: int, gained: int, lost: int, neither: int) -> float:
    """The phi coefficient of a 2x2 table, corrected for continuity if positive; 0 where one side doesn't vary."""
    scale = math.sqrt((both + lost) * (gained + neither) * (both + gained) * (lost + neither))
    product = float(both * neither - gained * lost)
    if product > 0.0:
        product = max(0.0, product - (both + gained + lost + neither) / 2.0)
    return product / scale if scale else 0.0


def _law_of_cosines(one: float, other: float, cosine: float) -> float:
    """The third side of a triangle, by the law of cosines; rounding must not take it below 0."""
    return math.sqrt(max(0.0, one * one - 2.0 * cosine * one * other + other * other))


def mean_interval(means: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Compute the mean of independent numbers, each (value, low, high), with an interval from theirs.

    Zou and Donner 2008, "Construction of confidence limits about effect measures" (Statistics in Medicine 27:1693):
    the distances from each number to its bounds, combined by Pythagoras.
    """
    values, lows, highs = np.array(means, dtype=np.float64).reshape(-1, 3).T
    if not len(values):
        raise ValueError("no numbers: their mean is undefined")
    mean = float(values.mean())
    down, up = np.linalg.norm(values - lows) / len(values), np.linalg.norm(highs - values) / len(values)
    return mean, mean - float(down), mean + float(up)
