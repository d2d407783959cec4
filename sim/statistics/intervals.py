"""Intervals: how far a number from few episodes can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from scenarios.common.seeding import make_generator

Z_95 = 1.959963984540054  # the 97.5th percentile of the normal distribution
RESAMPLES = 2000


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


def wilson_interval(*, successes: int, trials: int, z: float = Z_95) -> Interval:
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


class RateDifference(NamedTuple):
    """A difference of two rates with its 95 % interval."""

    difference: float
    low: float
    high: float


def paired_difference(*, both: int, gained: int, lost: int, neither: int) -> RateDifference:
    """The rate after minus the rate before, of episodes that were each driven twice.

    Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired data"
    (Statistics in Medicine 17:2635), method 10: the distances from each rate to its Wilson bounds, put together by
    Pythagoras less what the two share by their correlation, which is corrected for continuity where it is positive.
    Unlike the usual interval it doesn't collapse where no episode changed.

    Args:
        both: Successes before and after.
        gained: Successes after alone.
        lost: Successes before alone.
        neither: Failures both times.
    """
    if min(both, gained, lost, neither) < 0:
        raise ValueError(f"negative counts of pairs: {both}, {gained}, {lost}, {neither}")
    pairs = both + gained + lost + neither
    if pairs == 0:
        raise ValueError("no pairs: nothing can be said of a difference")
    before, after = (both + lost) / pairs, (both + gained) / pairs
    before_low, before_high = wilson_interval(successes=both + lost, trials=pairs)
    after_low, after_high = wilson_interval(successes=both + gained, trials=pairs)
    phi = _continuous_phi(both, gained, lost, neither)
    difference = after - before
    down = _law_of_cosines(after - after_low, before_high - before, phi)
    up = _law_of_cosines(after_high - after, before - before_low, phi)
    return RateDifference(difference, max(-1.0, difference - down), min(1.0, difference + up))


def _continuous_phi(both: int, gained: int, lost: int, neither: int) -> float:
    """The correlation of a fourfold table, a positive one drawn towards 0; 0 where one side doesn't vary."""
    scale = math.sqrt((both + lost) * (gained + neither) * (both + gained) * (lost + neither))
    product = float(both * neither - gained * lost)
    if product > 0.0:
        product = max(0.0, product - (both + gained + lost + neither) / 2.0)
    return product / scale if scale else 0.0


def _law_of_cosines(one: float, other: float, cosine: float) -> float:
    """Of a triangle, by the law of cosines; rounding must not take it below 0."""
    return math.sqrt(max(0.0, one * one - 2.0 * cosine * one * other + other * other))


def bootstrap_mean(values: Sequence[float]) -> Interval:
    """The percentile bootstrap of a mean (Efron and Tibshirani 1993, chapter 13), drawn from a generator of its own.

    Equal values leave it no width, whatever their number. Needs one value or more.
    """
    if not values:
        raise ValueError("no values: nothing can be said of their mean")
    levels, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    # How often each value is drawn again; the same as drawing them one by one, whatever their order.
    drawn = make_generator(0, "bootstrap").multinomial(len(values), counts / len(values), RESAMPLES)  # (r, levels)
    low, high = np.quantile(drawn @ levels / len(values), [0.025, 0.975])
    return Interval(float(low), float(high))


def mean_interval(means: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The mean of independent numbers, each (value, low, high), with an interval from theirs.

    Zou and Donner 2008, "Construction of confidence limits about effect measures" (Statistics in Medicine 27:1693):
    the distances from each number to its bounds, put together by Pythagoras.
    """
    values, lows, highs = np.array(means, dtype=np.float64).reshape(-1, 3).T
    if not len(values):
        raise ValueError("no numbers: nothing can be said of their mean")
    mean = float(values.mean())
    down, up = np.linalg.norm(values - lows) / len(values), np.linalg.norm(highs - values) / len(values)
    return mean, mean - float(down), mean + float(up)


class RankCorrelation(NamedTuple):
    """A rank correlation (Spearman's rho or Kendall's tau-b) with its p value and 95 % interval over pairs.

    All is None where one side doesn't vary; ``low`` and ``high`` are at +-1, or with too few pairs for an interval.
    """

    value: float | None
    p_value: float | None
    low: float | None
    high: float | None


def spearman(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """How well one number ranks another: Spearman's rho, its p value, and Fisher's z interval (Fisher 1921).

    Symmetric in its arguments. Needs three pairs or more, and four for an interval.
    """
    from scipy.stats import spearmanr  # slow to import, and most runs compare fewer than three policies

    return _correlate(spearmanr, first, second, variance=1.0, lost=3)


def kendall(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """How much more often two numbers order a pair alike than otherwise: Kendall's tau-b, which corrects for ties.

    Its interval is Fisher's z with the variance 0.437 / (n - 4) of Fieller, Hartley and Pearson 1957, "Tests for rank
    correlation coefficients" (Biometrika 44:470). Symmetric. Needs three pairs or more, and five for an interval.
    """
    from scipy.stats import kendalltau

    return _correlate(kendalltau, first, second, variance=0.437, lost=4)


def _correlate(
    measure: Callable[..., Any], first: Sequence[float], second: Sequence[float], *, variance: float, lost: int
) -> RankCorrelation:
    """A correlation whose Fisher transform has the variance ``variance / (n - lost)``."""
    if len(first) != len(second) or len(first) < 3:
        raise ValueError(f"needs three pairs or more, got {len(first)} and {len(second)} numbers")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return RankCorrelation(None, None, None, None)
    found = measure(first, second)
    value, p_value = float(found.statistic), float(found.pvalue)
    if len(first) <= lost or abs(value) > 1.0 - 1e-12:
        return RankCorrelation(value, p_value, None, None)
    z, half = math.atanh(value), Z_95 * math.sqrt(variance / (len(first) - lost))
    return RankCorrelation(value, p_value, math.tanh(z - half), math.tanh(z + half))


def rank_correlations(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spearman's rho and Kendall's tau-b of every row of (r, n) with the same row of (r, n): (r,) and (r,).

    For resampling, where calling scipy row by row takes too long. NaN in rows of which one side doesn't vary.
    """
    ahead, behind = np.triu_indices(first.shape[1], 1)
    one, other = np.sign(first[:, ahead] - first[:, behind]), np.sign(second[:, ahead] - second[:, behind])
    return _cosines(_centred_ranks(first), _centred_ranks(second)), _cosines(one, other)


def _centred_ranks(values: np.ndarray) -> np.ndarray:
    """(r, n) ranks within each row, equal values sharing theirs, less their mean."""
    signs = np.sign(values[:, :, None] - values[:, None, :])  # (r, n, n)
    centred: np.ndarray = signs.sum(axis=2) / 2.0
    return centred


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(r,) cosines of the angles between the rows of two (r, k)."""
    scale = np.sqrt(np.square(one).sum(axis=1) * np.square(other).sum(axis=1))
    found: np.ndarray = np.divide((one * other).sum(axis=1), scale, out=np.full(len(one), np.nan), where=scale > 0.0)
    return found
