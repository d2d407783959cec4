"""Rank correlations with p values and intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.statistics.intervals import Z_95


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


def spearman(first: Sequence[float], second: Sequence[float]) -> CorrelationEstimate:
    """Compute Spearman's rho, its p value, and Fisher's z interval (Fisher 1921).

    Symmetric in its arguments. Needs three pairs or more, and four for an interval.
    """
    from scipy.stats import spearmanr  # slow to import, and most runs compare fewer than three policies

    return _correlate(spearmanr, first, second, variance=1.0, lost=3)


def kendall(first: Sequence[float], second: Sequence[float]) -> CorrelationEstimate:
    """Compute Kendall's tau-b, which corrects for ties.

    Its interval is Fisher's z with the variance 0.437 / (n - 4) of Fieller, Hartley and Pearson 1957, "Tests for rank
    correlation coefficients" (Biometrika 44:470). Symmetric. Needs three pairs or more, and five for an interval.
    """
    from scipy.stats import kendalltau

    return _correlate(kendalltau, first, second, variance=0.437, lost=4)


def _correlate(
    measure: Callable[..., Any], first: Sequence[float], second: Sequence[float], *, variance: float, lost: int
) -> CorrelationEstimate:
    """Compute a correlation whose Fisher transform has the variance ``variance / (n - lost)``."""
    if len(first) != len(second) or len(first) < 3:
        raise ValueError(f"need at least three pairs, got {len(first)} and {len(second)} numbers")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return CorrelationEstimate(None, None, None, None)
    found = measure(first, second)
    value, p_value = float(found.statistic), float(found.pvalue)
    if len(first) <= lost or abs(value) > 1.0 - 1e-12:
        return CorrelationEstimate(value, p_value, None, None)
    z, half = math.atanh(value), Z_95 * math.sqrt(variance / (len(first) - lost))
    return CorrelationEstimate(value, p_value, math.tanh(z - half), math.tanh(z + half))


def correlate_rows(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute Spearman's rho and Kendall's tau-b of every row of (r, n) with that of (r, n): (r,) and (r,).

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
