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

    Bonett and Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired
    data" (Journal of Educational and Behavioral Statistics 37:479): Wald's interval after one pair more was counted as
    gained and one as lost. Recommended by Fagerland, Lydersen and Laake 2014 (Statistics in Medicine 33:2850), and of
    what they recommend the one that also covers where nearly all is lost. Its width isn't 0 if no episode changed.

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
    more, fewer = (gained + 1) / (pairs + 2), (lost + 1) / (pairs + 2)
    middle = more - fewer
    half = Z_95 * math.sqrt((more + fewer - middle * middle) / (pairs + 2))
    return RateDifference((gained - lost) / pairs, max(-1.0, middle - half), min(1.0, middle + half))


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
