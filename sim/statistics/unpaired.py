"""The difference of two independent estimates, with its interval."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.statistics.intervals import RateDifference, wilson_interval


class Counts(NamedTuple):
    """Successes and trials."""

    successes: int
    trials: int


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def unpaired_rate_difference(first: Counts, second: Counts) -> RateDifference:
    """Compute the second success rate minus the first, of different episodes.

    Newcombe 1998, "Interval estimation for the difference between independent proportions: comparison of eleven
    methods" (Statistics in Medicine 17:873), method 10: the distances from each rate to its Wilson bounds, combined by
    Pythagoras. For 5 to 200 trials and rates that differ by up to 0.5, it covers in 92 to 100 % of cases.
    """
    return unpaired_difference(*(_estimate_rate(counts) for counts in (first, second)))


def _estimate_rate(counts: Counts) -> Estimate:
    bounds = wilson_interval(successes=counts.successes, trials=counts.trials)
    return Estimate(counts.successes / counts.trials, *bounds)


def unpaired_difference(first: Estimate, second: Estimate) -> RateDifference:
    """Compute the second value minus the first, of different episodes.

    Zou and Donner 2008, "Construction of confidence limits about effect measures" (Statistics in Medicine 27:1693):
    the distances from each value to its bounds, combined by Pythagoras.
    """
    down = math.hypot(second.value - second.low, first.high - first.value)
    up = math.hypot(second.high - second.value, first.value - first.low)
    difference = second.value - first.value
    return RateDifference(difference, difference - down, difference + up)
