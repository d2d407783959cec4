"""The difference of two independent estimates, with its interval."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.statistics.intervals import RateDifference


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def unpaired_difference(first: Estimate, second: Estimate) -> RateDifference:
    """Compute the second value minus the first, of different episodes.

    Newcombe 1998, "Interval estimation for the difference between independent proportions: comparison of eleven
    methods" (Statistics in Medicine 17:873), method 10, where the intervals are Wilson's: the distances from each value
    to its bounds, combined by Pythagoras. Zou and Donner 2008 (Statistics in Medicine 27:1693) show that this serves
    other estimates, too.
    """
    down = math.hypot(second.value - second.low, first.high - first.value)
    up = math.hypot(second.high - second.value, first.value - first.low)
    difference = second.value - first.value
    return RateDifference(difference, difference - down, difference + up)
