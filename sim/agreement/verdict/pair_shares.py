"""Pairs of policies by how much they differ in a metric, and the share of them that it orders as success does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.agreement.comparison import RESAMPLES, Comparison
from sim.agreement.judgement import MIN_CLUSTERS, AgreementEstimate, Judgement, estimate_interval
from sim.agreement.measures import count_in_order
from sim.statistics.ranking import score_order

COIN = 0.5
DECILES = np.linspace(1.0, 0.1, 10)


class PairShare(NamedTuple):
    """Pairs within a range of differences in the metric, and the share of them in order."""

    pairs: int
    """Number of pairs that success tells apart."""
    share: AgreementEstimate
    """Share in order, 0 to 1, with its interval; a pair of equal figures counts half."""

    @staticmethod
    def of_judgement(judgement: Judgement) -> PairShare:
        """Return all pairs of a judgement."""
        return PairShare(judgement.apart, judgement.estimates["pairwise"])

    @property
    def is_better_than_a_coin(self) -> bool:
        """Return whether the interval lies above one half."""
        return self.share.low is not None and self.share.low > COIN

    def __str__(self) -> str:
        """Return the share with its interval and the number of pairs."""
        value, low, high = self.share.value, self.share.low, self.share.high
        if value is None:
            return "no pairs"
        interval = "" if low is None or high is None else f" ({100 * low:.0f} to {100 * high:.0f} %)"
        return f"{100 * value:.0f} % of {self.pairs} in order{interval}"


class ResampledPairs(NamedTuple):
    """The pairs that success tells apart, and their order in each resample."""

    differences: np.ndarray
    """(pairs,) by how much both differ in the metric, in its unit."""
    seen: np.ndarray
    """(pairs,) 1 for a pair in order, 0 for one in the wrong order, 0.5 for equal figures."""
    weights: np.ndarray
    """(r, pairs) how often each counts in each resample."""
    ordered: np.ndarray
    """(r, pairs) how often it does so in order."""
    clusters: np.ndarray
    """(2, pairs) the clusters of both units."""
    reliability: float
    """Share of the variance of both rankings that isn't noise of few episodes."""


def resample_pairs(compared: Comparison, resamples: int = RESAMPLES) -> ResampledPairs:
    """Resample the pairs that success tells apart."""
    one, other = compared.apart
    shared = len(compared.members) > 1
    return ResampledPairs(
        np.abs(compared.proxies[one] - compared.proxies[other]),
        score_order(compared.proxies[None], compared.rates[None], compared.apart)[0],
        *count_in_order(compared.resample(resamples), compared.apart, shared),
        clusters=compared.cluster_places[compared.apart],
        reliability=compared.reliability.ranks,
    )


def share_pairs(pairs: ResampledPairs, chosen: np.ndarray) -> PairShare:
    """Measure the share in order of the chosen pairs (pairs,).

    There is no interval where the units of these pairs come from too few clusters.
    """
    if not chosen.any():
        return PairShare(0, AgreementEstimate(None))
    value = float(pairs.seen[chosen].mean())
    clusters, interval = len(np.unique(pairs.clusters[:, chosen])), None
    if clusters >= MIN_CLUSTERS:
        weights, ordered = pairs.weights[:, chosen].sum(axis=1), pairs.ordered[:, chosen].sum(axis=1)
        draws = np.divide(ordered, weights, out=np.full(len(weights), np.nan), where=weights > 0.0)
        interval = estimate_interval("pairwise", value, draws, clusters=clusters, reliability=pairs.reliability)
    return PairShare(int(chosen.sum()), AgreementEstimate(value, *(interval or ())))


def find_coin_toss(pairs: ResampledPairs) -> tuple[float, PairShare | None]:
    """Find the largest decile of the difference up to which pairs are not ordered better than by a coin.

    Returns:
        The difference, in the metric's unit, and the pairs up to it; 0 and None if even the closest tenth is ordered
        better.
    """
    for edge in np.quantile(pairs.differences, DECILES):
        nearer = share_pairs(pairs, pairs.differences <= edge)
        if not nearer.is_better_than_a_coin:
            return float(edge), nearer
    return 0.0, None
