"""How well a proxy ranks items by the truth: correlation, MMRV, pairwise accuracy, regret.

A proxy is what is cheap to know, such as an offline metric; the truth is what one wants to know, such as success. All
but ``correlation`` need to know which end of the proxy is good: ``better`` says whether a larger or a smaller one
promises a larger truth. "larger" is the default, as in the sources; an error needs ``better="smaller"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from scenarios.common.errors import InputError, unknown_name

Direction = Literal["smaller", "larger"]
"""What promises a larger truth: a smaller or a larger proxy."""
CorrelationKind = Literal["pearson", "spearman", "kendall"]
KINDS: tuple[CorrelationKind, ...] = ("pearson", "spearman", "kendall")
Numbers = Sequence[float] | np.ndarray


def correlation(*, proxy: Numbers, truth: Numbers, kind: CorrelationKind) -> float | None:
    """Compute the correlation of proxy and truth, -1 to 1; None where one of them doesn't vary.

    Negative where smaller proxies go with larger truths, as those of a good error do.

    Args:
        proxy: (n,) of two items or more.
        truth: (n,) of the same items.
        kind: "pearson", "spearman" (rho, mean ranks of ties) or "kendall" (tau-b).

    Raises:
        InputError: Unequal lengths, fewer than two items, a number that isn't finite, or an unknown kind.
    """
    if kind not in KINDS:
        raise unknown_name("kind of correlation", kind, KINDS)
    one, other = _check(proxy, truth, least=2)
    if len(set(one.tolist())) == 1 or len(set(other.tolist())) == 1:
        return None
    from scipy import stats  # slow to import

    measure = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}[kind]
    return float(measure(one, other).statistic)


def mmrv(*, proxy: Numbers, truth: Numbers, better: Direction = "larger") -> float:
    """Compute the mean maximum rank violation: 0 if the proxy orders all pairs as the truth does.

    Li et al. 2024, "Evaluating Real-World Robot Manipulation Policies in Simulation" (SIMPLER, arXiv 2405.05941): a
    pair (i, j) is violated if ``proxy_i < proxy_j`` differs from ``truth_i < truth_j``, by ``|truth_i - truth_j|``; of
    each item the largest violation counts, of all items the mean. The magnitude comes from the truth, so the two must
    not be exchanged. The order is strict: of two items with equal proxies, that with the smaller truth is charged,
    while SIMPLER's code (simpler_env/utils/metrics.py), which has > for <, charges the other one; without equal proxies
    both are the same.

    Args:
        proxy: (n,) of one item or more.
        truth: (n,) of the same items; the result has its unit.
        better: What promises a larger truth.

    Raises:
        InputError: Unequal lengths, no items, or a number that isn't finite.
    """
    one, other = _check(orient_proxy(proxy, better), truth, least=1)
    return float(measure_violations(one[None], other[None], np.ones((1, len(one))))[0])


def measure_violations(proxies: np.ndarray, truths: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute the MMRV (r,) of every row of two (r, n), in which each item counts as often as the weights (r, n) say.

    Larger proxies promise larger truths.
    """
    difference = truths[:, :, None] - truths[:, None, :]  # (r, n, n)
    violated = (proxies[:, :, None] < proxies[:, None, :]) != (difference < 0.0)
    present = weights[:, None, :] > 0.0
    largest = np.where(violated & present, np.abs(difference), 0.0).max(axis=2)  # (r, n)
    found: np.ndarray = (largest * weights).sum(axis=1) / weights.sum(axis=1)
    return found


def pairwise_accuracy(
    *, proxy: Numbers, truth: Numbers, apart: np.ndarray | None = None, better: Direction = "larger"
) -> float | None:
    """Compute the share of pairs that the proxy orders as the truth does, 0 to 1; 0.5 is a coin toss.

    A pair of equal proxies counts half, as a coin would order it.

    Args:
        proxy: (n,) of one item or more.
        truth: (n,) of the same items.
        apart: (n, n) True for the pairs that the truth tells apart, of which one half is read; None for all. Pairs of
            equal truth never count.
        better: What promises a larger truth.

    Returns:
        The share; None where no pair is told apart.

    Raises:
        InputError: Unequal lengths, no items, or a number that isn't finite.
    """
    one, other = _check(orient_proxy(proxy, better), truth, least=1)
    count = len(one)
    pairs = np.array(np.triu_indices(count, 1))
    if apart is not None:
        if apart.shape != (count, count):
            raise InputError(f"'apart' has the shape {apart.shape}: {count} items need ({count}, {count})")
        pairs = pairs[:, apart[tuple(pairs)]]
    pairs = pairs[:, other[pairs[0]] != other[pairs[1]]]
    return float(score_order(one[None], other[None], pairs)[0].mean()) if pairs.size else None


def score_order(proxies: np.ndarray, truths: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Score (r, pairs) the order of each pair (2, pairs) in every row of two (r, n).

    1 where larger proxies go with larger truths, 0 where with smaller ones, 0.5 where two are equal.
    """
    one, other = pairs
    order = np.sign(proxies[:, one] - proxies[:, other]) * np.sign(truths[:, one] - truths[:, other])
    scores: np.ndarray = (1.0 + order) / 2.0
    return scores


def regret(
    *, proxy: Numbers, truth: Numbers, k: int, report: Numbers | None = None, better: Direction = "larger"
) -> float:
    """Compute Regret@k: the truth that is lost if only the k best by the proxy are looked at.

    The best truth of all items less the best truth among the k best by the proxy (Fu et al. 2021, "Benchmarks for Deep
    Off-Policy Evaluation", arXiv 2103.16596): one looks at k items, and takes the best of them. With k = 1 it is what
    choosing by the proxy alone costs; with all items it is 0. Where equal proxies leave open which k are looked at, the
    expected value over all choices of them counts.

    Args:
        proxy: (n,) of one item or more.
        truth: (n,) of the same items, by which the best is taken.
        k: How many are looked at, 1 to n.
        report: (n,) the truth that counts for what is taken, from other episodes than those which the best was taken
            by; None for ``truth`` itself, which flatters the best of all, so that noise makes the regret larger.
        better: What promises a larger truth.

    Raises:
        InputError: Unequal lengths, no items, a number that isn't finite, or k outside of 1 to n.
    """
    one, other = _check(orient_proxy(proxy, better), truth, least=1)
    _, reported = _check(proxy, other if report is None else report, least=1)
    if not 1 <= k <= len(one):
        raise InputError(f"regret@{k} of {len(one)} items: k must be a whole number from 1 to {len(one)}")
    best = float(reported[other == other.max()].mean())
    return best - _expect_best(one, other, reported, k)


def _expect_best(proxy: np.ndarray, truth: np.ndarray, report: np.ndarray, k: int) -> float:
    """The expected report of the best among the k best by the proxy, of which some may be drawn from a tie."""
    least = np.sort(proxy)[-k]
    sure, tied = proxy > least, proxy == least
    drawn, size = k - int(sure.sum()), int(tied.sum())
    best_sure = float(truth[sure].max()) if sure.any() else -math.inf
    expected, left = 0.0, size  # left: how many of the tie have no more than the truth at hand
    for level in np.unique(truth[tied & (truth > best_sure)])[::-1]:
        here = tied & (truth == level)
        below = left - int(here.sum())
        expected += (math.comb(left, drawn) - math.comb(below, drawn)) * float(report[here].mean())
        left = below
    rest = math.comb(left, drawn) * float(report[sure & (truth == best_sure)].mean()) if sure.any() else 0.0
    return (expected + rest) / math.comb(size, drawn)


def orient_proxy(proxy: Numbers, better: Direction) -> np.ndarray:
    """Return the proxy (n,) so that larger is better."""
    if better not in ("smaller", "larger"):
        raise unknown_name("direction", better, ("smaller", "larger"))
    values = np.asarray(proxy, np.float64)
    return values if better == "larger" else -values


def _check(proxy: Numbers, truth: Numbers, least: int) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.asarray(proxy, np.float64), np.asarray(truth, np.float64)
    if one.ndim != 1 or one.shape != other.shape:
        raise InputError(f"proxy has the shape {one.shape} and truth {other.shape}: both need one number per item")
    if len(one) < least:
        raise InputError(f"proxy and truth have {len(one)} items: at least {least} are needed")
    for name, values in (("proxy", one), ("truth", other)):
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError(f"{name} of item {place} is {values[place]}: leave out items without a finite number")
    return one, other
