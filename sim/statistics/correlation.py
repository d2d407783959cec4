"""Rank correlations with p values and intervals over the pairs of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.statistics.intervals import Z_95

MIN_PAIRS = {"spearman": 5, "kendall": 6}  # with fewer, an interval either says nothing or doesn't cover
PERFECT = 1.0 - 1e-12


class CorrelationEstimate(NamedTuple):
    """A rank correlation of pairs of numbers; all is None where one side doesn't vary."""

    value: float | None
    """Spearman's rho or Kendall's tau-b, -1 to 1."""
    p_value: float | None
    """The probability of one at least as far from 0 by chance."""
    low: float | None
    """Lower end of the 95 % interval over pairs; None where ``value`` is +-1, or with too few pairs."""
    high: float | None
    """Upper end of the 95 % interval over pairs; None where ``low`` is."""


UNDEFINED = CorrelationEstimate(None, None, None, None)


def spearman(first: Sequence[float], second: Sequence[float]) -> CorrelationEstimate:
    """Compute Spearman's rho with its p value and interval.

    Symmetric in its arguments. Needs three pairs or more, and ``MIN_PAIRS`` for an interval: see
    ``spearman_interval``.
    """
    from scipy.stats import spearmanr  # slow to import, and most runs compare fewer than three policies

    return _correlate(spearmanr, spearman_interval, first, second)


def kendall(first: Sequence[float], second: Sequence[float]) -> CorrelationEstimate:
    """Compute Kendall's tau-b, which corrects for ties, with its p value and interval.

    Symmetric. Needs three pairs or more, and ``MIN_PAIRS`` for an interval: see ``kendall_interval``.
    """
    from scipy.stats import kendalltau

    return _correlate(kendalltau, kendall_interval, first, second)


def _correlate(
    measure: Callable[..., Any],
    estimate_interval: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    first: Sequence[float],
    second: Sequence[float],
) -> CorrelationEstimate:
    if not _check_varying(first, second):
        return UNDEFINED
    found = measure(first, second)
    value, p_value = float(found.statistic), float(found.pvalue)
    low, high = estimate_interval(np.asarray(first, np.float64)[None], np.asarray(second, np.float64)[None])
    return CorrelationEstimate(value, p_value, *_give_interval(value, float(low[0]), float(high[0])))


def _check_varying(first: Sequence[float], second: Sequence[float]) -> bool:
    """Return whether both sides vary."""
    if len(first) != len(second) or len(first) < 3:
        raise ValueError(f"need at least three pairs, got {len(first)} and {len(second)} numbers")
    return len(set(first)) > 1 and len(set(second)) > 1


def _give_interval(value: float, low: float, high: float) -> tuple[float | None, float | None]:
    return (None, None) if math.isnan(low) or abs(value) > PERFECT else (low, high)


def spearman_interval(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the 95 % interval of Spearman's rho of every row of (r, n) with that of (r, n): (r,) and (r,).

    Fisher's z with the variance (1 + rho^2 / 2) / (n - 3) of Bonett and Wright 2000, "Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations" (Psychometrika 65:23). In small samples rho is biased towards
    0, so the end away from 0 starts from the unbiased estimate, ((n + 1) rho - 3 tau) / (n - 2) (Kendall and Gibbons
    1990, "Rank Correlation Methods", chapter 9). NaN with too few pairs, or where one side doesn't vary.
    """
    pairs = first.shape[1]
    if pairs < MIN_PAIRS["spearman"]:
        return _no_interval(first)
    rho, tau = correlate_rows(first, second)
    unbiased = ((pairs + 1) * rho - 3.0 * tau) / (pairs - 2)
    farther = np.where(np.abs(unbiased) > np.abs(rho), unbiased, rho)
    near, far = _to_z(rho), _to_z(farther)
    half = Z_95 * np.sqrt((1.0 + rho**2 / 2.0) / (pairs - 3))
    return np.tanh(np.minimum(near, far) - half), np.tanh(np.maximum(near, far) + half)


def kendall_interval(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the 95 % interval of Kendall's tau-b of every row of (r, n) with that of (r, n): (r,) and (r,).

    Fisher's z and the larger of two standard errors. One is by the formula 0.437 / (n - 4) of Fieller, Hartley and
    Pearson 1957, "Tests for rank correlation coefficients" (Biometrika 44:470), times 1 + tau^2 / 2, with a quantile of
    Student's t; it is too small with many ties. The other leaves out one pair at a time (Long and Cliff 1997,
    "Confidence intervals for Kendall's tau", British Journal of Mathematical and Statistical Psychology 50:31); it is
    too small near +-1. NaN with too few pairs, or where one side doesn't vary.
    """
    from scipy.special import stdtrit

    pairs = first.shape[1]
    if pairs < MIN_PAIRS["kendall"]:
        return _no_interval(first)
    tau, without = _leave_out_pairs(first, second)
    z = _to_z(tau)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.arctanh(without)
        spread = np.sqrt((pairs - 1) / pairs * np.square(moved - moved.mean(axis=1, keepdims=True)).sum(axis=1))
    spread = np.where(np.isfinite(spread), spread, 0.0)  # without one pair, the rest may be in perfect order
    formula = np.sqrt(0.437 * (1.0 + tau**2 / 2.0) / (pairs - 4))
    half = np.maximum(float(stdtrit(pairs - 2, 0.975)) * formula, float(stdtrit(pairs - 1, 0.975)) * spread)
    return np.tanh(z - half), np.tanh(z + half)


def _no_interval(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.full(len(rows), np.nan), np.full(len(rows), np.nan)


def _to_z(correlations: np.ndarray) -> np.ndarray:
    """Fisher's transform (Fisher 1921), finite at +-1."""
    z: np.ndarray = np.arctanh(np.clip(correlations, -PERFECT, PERFECT))
    return z


def _leave_out_pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(r,) Kendall's tau-b, and (r, n) the same without each pair; NaN where one side doesn't vary."""
    one, other = _order_signs(first), _order_signs(second)  # (r, n, n)
    agreeing, left, right = (one * other).sum(axis=2), np.abs(one).sum(axis=2), np.abs(other).sum(axis=2)  # (r, n)
    totals = [each.sum(axis=1, keepdims=True) for each in (agreeing, left, right)]
    whole = _divide(totals[0], np.sqrt(totals[1] * totals[2]))[:, 0]
    rest = [total - 2.0 * each for total, each in zip(totals, (agreeing, left, right), strict=True)]
    return whole, _divide(rest[0], np.sqrt(np.maximum(rest[1] * rest[2], 0.0)))


def correlate_rows(
    first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compute Spearman's rho and Kendall's tau-b of every row of (r, n) with that of (r, n): (r,) and (r,).

    For resampling, where calling scipy row by row takes too long. NaN in rows of which one side doesn't vary.

    Args:
        first: (r, n) numbers.
        second: (r, n) numbers.
        weights: (r, n) how often each pair of numbers counts; once, if None.
    """
    counted = np.ones(first.shape) if weights is None else weights
    one, other = _order_signs(first), _order_signs(second)  # (r, n, n)
    agreeing, left, right = (_count(each, counted) for each in (one * other, np.abs(one), np.abs(other)))  # (r, n)
    rho = _cosines(_count(one, counted), _count(other, counted), counted)  # of twice the ranks less their mean
    same, first_pairs, second_pairs = ((each * counted).sum(axis=1) for each in (agreeing, left, right))
    return rho, _divide(same, np.sqrt(first_pairs * second_pairs))


def pearson_rows(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Compute Pearson's correlation of every row of (r, n) with that of (r, n): (r,); else as ``correlate_rows``."""
    counted = np.ones(first.shape) if weights is None else weights
    varying = _is_varying(first, counted) & _is_varying(second, counted)
    total = counted.sum(axis=1)
    one, other = (each - _divide((each * counted).sum(axis=1), total)[:, None] for each in (first, second))
    found: np.ndarray = np.where(varying, _cosines(one, other, counted), np.nan)
    return found


def _is_varying(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(r,) whether a row has two numbers that differ, among those that count."""
    largest, smallest = (np.where(weights > 0, rows, end) for end in (-np.inf, np.inf))
    varying: np.ndarray = largest.max(axis=1) > smallest.min(axis=1)
    return varying


def _count(signs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(r, n) sum over the last axis of (r, n, n), each counted as often as the weights (r, n) say."""
    found: np.ndarray = np.matmul(signs, weights[:, :, None])[:, :, 0]
    return found


def _order_signs(values: np.ndarray) -> np.ndarray:
    """(r, n, n) 1 where the first of two numbers of a row is larger, -1 where smaller, 0 where they are equal."""
    signs: np.ndarray = np.sign(values[:, :, None] - values[:, None, :])
    return signs


def _cosines(one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(r,) cosines of the angles between the rows of two (r, n), of which each column counts by its weights (r, n)."""
    left, right = (weights * np.square(one)).sum(axis=1), (weights * np.square(other)).sum(axis=1)
    return np.clip(_divide((weights * one * other).sum(axis=1), np.sqrt(left * right)), -1.0, 1.0)


def _divide(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Quotients; NaN where the divisor is 0."""
    found: np.ndarray = np.divide(one, other, out=np.full(one.shape, np.nan), where=other > 0.0)
    return found
