"""Intervals: how far a number from few episodes can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

Z_95 = 1.959963984540054  # the 97.5th percentile of the normal distribution


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


def wilson(*, successes: int, trials: int, z: float = Z_95) -> Interval:
    """The Wilson score interval of a success rate.

    Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference" (JASA 22:209); recommended for
    small counts by Brown, Cai and DasGupta 2001 (Statistical Science 16:101). Unlike the usual +-1.96 standard errors
    it doesn't collapse at 0 or 100 %. Without trials nothing is known: [0, 1].
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


class RankCorrelation(NamedTuple):
    """Spearman's rho. All is None where one side doesn't vary, ``low`` and ``high`` at +-1 or with three pairs."""

    rho: float | None
    p_value: float | None
    low: float | None
    high: float | None


def spearman(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """How well one number ranks another: Spearman's rho, its p value, and Fisher's z interval (Fisher 1921).

    Symmetric in its arguments. Needs three pairs or more.
    """
    if len(first) != len(second) or len(first) < 3:
        raise ValueError(f"needs three pairs or more, got {len(first)} and {len(second)} numbers")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return RankCorrelation(None, None, None, None)
    from scipy.stats import spearmanr  # slow to import, and most runs compare fewer than three policies

    result = spearmanr(first, second)
    rho = float(result.statistic)
    if len(first) == 3 or abs(rho) > 1.0 - 1e-12:
        return RankCorrelation(rho, float(result.pvalue), None, None)
    z, half = math.atanh(rho), Z_95 / math.sqrt(len(first) - 3)
    return RankCorrelation(rho, float(result.pvalue), math.tanh(z - half), math.tanh(z + half))
