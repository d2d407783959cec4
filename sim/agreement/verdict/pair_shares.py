"""Pairs of policies by how much they differ in a metric, and the share of them that it orders as success does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.agreement.comparison import Comparison, Resamples
from sim.agreement.judgement import MIN_CLUSTERS, AgreementEstimate, estimate_interval
from sim.agreement.measures import share_in_order

COIN = 0.5
DECILES = np.linspace(1.0, 0.1, 10)


class PairShare(NamedTuple):
    """Pairs within a range of differences in the metric, and the share of them in order."""

    pairs: int
    """Number of pairs that success tells apart."""
    share: AgreementEstimate
    """Share in order, 0 to 1, with its interval; a pair of equal figures counts half."""

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


def measure_differences(compared: Comparison) -> np.ndarray:
    """Measure by how much both of each pair that success tells apart differ in the metric: (pairs,), in its unit."""
    one, other = compared.apart
    differences: np.ndarray = np.abs(compared.proxies[one] - compared.proxies[other])
    return differences


def share_pairs(compared: Comparison, drawn: Resamples, chosen: np.ndarray) -> PairShare:
    """Measure the share in order of the chosen ones (pairs,) of the pairs that success tells apart.

    There is no interval where the units of these pairs come from too few clusters.
    """
    pairs, shared = compared.apart[:, chosen], len(compared.members) > 1
    if not pairs.size:
        return PairShare(0, AgreementEstimate(None))
    value = float(share_in_order(compared.observed, pairs, shared)[0])
    clusters, interval = len(np.unique(compared.cluster_places[pairs])), None
    if clusters >= MIN_CLUSTERS:
        draws = share_in_order(drawn, pairs, shared)
        interval = estimate_interval("pairwise", value, draws, clusters=clusters, reliability=compared.reliability)
    return PairShare(pairs.shape[1], AgreementEstimate(value, *(interval or ())))


def find_coin_toss(compared: Comparison, drawn: Resamples) -> tuple[float, PairShare | None]:
    """Find the largest decile of the difference up to which pairs are not ordered better than by a coin.

    Returns:
        The difference, in the metric's unit, and the pairs up to it; 0 and None if even the closest tenth is ordered
        better.
    """
    differences = measure_differences(compared)
    for edge in np.quantile(differences, DECILES):
        nearer = share_pairs(compared, drawn, differences <= edge)
        if not nearer.is_better_than_a_coin:
            return float(edge), nearer
    return 0.0, None
