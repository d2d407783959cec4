"""All measures of agreement of a comparison: of what was observed, and of every resample."""

from __future__ import annotations

from typing import Literal

import numpy as np

from scenarios.common.seeding import make_generator
from sim.agreement.comparison import Comparison, Resamples
from sim.statistics.correlation import correlate_rows, pearson_rows
from sim.statistics.ranking import measure_violations, regret, score_order

Measure = Literal["pearson", "spearman", "kendall", "mmrv", "pairwise", "regret@1", "regret@3"]
CORRELATIONS: tuple[Measure, ...] = ("pearson", "spearman", "kendall")
REGRETS: dict[Measure, int] = {"regret@1": 1, "regret@3": 3}
MEASURES: tuple[Measure, ...] = (*CORRELATIONS, "mmrv", "pairwise", *REGRETS)
BOUNDS: dict[Measure, tuple[float, float]] = {
    **dict.fromkeys(CORRELATIONS, (-1.0, 1.0)),
    **dict.fromkeys(("mmrv", "pairwise"), (0.0, 1.0)),
    **dict.fromkeys(REGRETS, (-1.0, 1.0)),
}
_CHUNK = 1 << 21  # numbers of one (r, n, n) at a time


def measure_observed(compared: Comparison) -> dict[Measure, float | None]:
    """Measure the agreement of what was observed; None where a measure isn't defined."""
    rows = measure_resamples(compared, compared.observed, regrets=False)
    rows.update({name: np.array([_measure_regret(compared, k)]) for name, k in REGRETS.items()})
    return {name: float(rows[name][0]) if np.isfinite(rows[name][0]) else None for name in MEASURES}


def measure_resamples(compared: Comparison, drawn: Resamples, *, regrets: bool = True) -> dict[Measure, np.ndarray]:
    """Measure the agreement (r,) in each resample; NaN where a measure isn't defined.

    Several groups are measured each by itself. Of correlations, MMRV and regret the mean over groups counts, of pairs
    the share of all. Regret takes the best by episodes of even number and reports those of odd number, and the other
    way round; equal figures are taken in any order.
    """
    shared = len(compared.members) > 1  # then a whole group is drawn or not, and counts as often
    found: dict[Measure, list[np.ndarray]] = {}
    for group in compared.members:
        weights = np.ones((len(drawn.rates), len(group))) if shared else drawn.weights[:, group]
        part = Resamples(weights, drawn.proxies[:, group], drawn.rates[:, group], drawn.halves[:, :, group])
        for name, values in _measure_group(part, regrets).items():
            found.setdefault(name, []).append(values)
    counts = np.stack([drawn.weights[:, group[0]] for group in compared.members]) if shared else None
    merged = {name: _average(np.stack(values), counts) for name, values in found.items()}
    return {**merged, "pairwise": share_in_order(drawn, compared.apart, shared)}


def share_in_order(drawn: Resamples, pairs: np.ndarray, shared: bool) -> np.ndarray:
    """Return the share (r,) of the pairs (2, pairs) in order in each resample; NaN where none of them was drawn.

    Args:
        drawn: The resamples.
        pairs: Places of both units of each pair.
        shared: True if both units of each pair are drawn together; else a pair counts as often as both are drawn.
    """
    weights, ordered = count_in_order(drawn, pairs, shared)
    return _divide(ordered.sum(axis=1), weights.sum(axis=1))


def count_in_order(drawn: Resamples, pairs: np.ndarray, shared: bool) -> tuple[np.ndarray, np.ndarray]:
    """Count (r, pairs) how often each pair counts in each resample, and how often it does so in order."""
    one, other = pairs
    weights = drawn.weights[:, one] * (1.0 if shared else drawn.weights[:, other])
    return weights, weights * score_order(drawn.proxies, drawn.rates, pairs)


def _measure_group(drawn: Resamples, regrets: bool) -> dict[Measure, np.ndarray]:
    resamples, size = drawn.rates.shape
    step = max(1, _CHUNK // size**2)
    parts = []
    for start in range(0, resamples, step):
        weights, proxies, rates = (each[start : start + step] for each in drawn[:3])
        rho, tau = correlate_rows(proxies, rates, weights)
        linear = pearson_rows(proxies, rates, weights)
        parts.append(np.stack([linear, rho, tau, measure_violations(proxies, rates, weights)]))
    merged = np.concatenate(parts, axis=1)
    found: dict[Measure, np.ndarray] = dict(zip((*CORRELATIONS, "mmrv"), merged, strict=True))
    if regrets:
        found.update({name: _sample_regret(drawn, k) for name, k in REGRETS.items()})
    return found


def _average(values: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    """(r,) the mean over groups (g, r) of what is defined, each counted (g, r) times."""
    known = np.isfinite(values)
    times = known.astype(np.float64) if counts is None else known * counts
    return _divide((np.where(known, values, 0.0) * times).sum(axis=0), times.sum(axis=0))


def _measure_regret(compared: Comparison, k: int) -> float:
    """Regret with the exact expectation over ties, the mean over groups of more than k units; NaN without any."""
    even, odd = compared.observed.halves[:, 0]
    losses = [
        regret(proxy=compared.proxies[group], truth=truth[group], report=report[group], k=k)
        for group in compared.members
        if len(group) > k and np.isfinite(even[group] + odd[group]).all()
        for truth, report in ((even, odd), (odd, even))
    ]
    return float(np.mean(losses)) if losses else float("nan")


def _sample_regret(drawn: Resamples, k: int) -> np.ndarray:
    """(r,) regret of one group in each resample, ties broken at random; NaN where no more than k units were drawn."""
    rng = make_generator(0, f"regret@{k}")
    absent = drawn.weights <= 0.0
    chosen = _order_at_random(np.where(absent, -np.inf, drawn.proxies), rng)[:, :k]
    losses = np.zeros(len(absent))
    for truth, report in (drawn.halves, drawn.halves[::-1]):
        known = np.where(absent, -np.inf, truth)
        best = _order_at_random(known, rng)[:, :1]
        taken = np.take_along_axis(chosen, np.take_along_axis(known, chosen, 1).argmax(axis=1)[:, None], 1)
        losses += (np.take_along_axis(report, best, 1) - np.take_along_axis(report, taken, 1))[:, 0] / 2.0
    return np.where((~absent).sum(axis=1) > k, losses, np.nan)


def _order_at_random(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(r, n) places in descending order, equal ones in random order."""
    return np.lexsort((rng.random(values.shape), -values), axis=1)


def _divide(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(one, other, out=np.full(np.shape(one), np.nan), where=other > 0.0)
    return found
