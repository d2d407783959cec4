"""Units that are compared by one metric: success and metric of each, the same over resamples, and all measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np

from scenarios.common.seeding import make_generator
from sim.statistics.bootstrap import resample_counts
from sim.statistics.exact import ALPHA
from sim.statistics.multiple import correct_holm, mcnemar_p
from sim.statistics.rank_intervals import measure_reliability

RESAMPLES = 1000
RELIABILITY_RESAMPLES = 1000  # with 200, whether an interval is there was a matter of luck
MIN_UNITS = 3  # of a group; two are in either order by chance half of the time


class Resamples(NamedTuple):
    """What the units reach over resampled clusters and episodes; the observed figures are one row."""

    weights: np.ndarray
    """(r, n) how often each unit was drawn."""
    proxies: np.ndarray
    """(r, n) the metric of each, larger is better."""
    rates: np.ndarray
    """(r, n) the success rate of each."""
    halves: np.ndarray
    """(2, r, n) the success rate over the episodes of even and of odd number."""


class Reliability(NamedTuple):
    """The share of the variance that isn't noise of few episodes, 0 to 1."""

    ranks: float
    """Of ranks, for Spearman's and Kendall's correlation."""
    values: float
    """Of values, for Pearson's."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Units that drove the same episodes and were scored on the same recorded ones."""

    names: tuple[str, ...]
    """Names of the n units."""
    groups: np.ndarray
    """(n,) name of each unit's group: units are ranked within their group only. One group, or each in one cluster."""
    clusters: np.ndarray
    """(n,) name of each unit's cluster: related units, which are resampled together."""
    noun: str
    """What a cluster is, in the plural: "families"."""
    successes: tuple[np.ndarray, ...]
    """Of each scenario, (episodes, n) 1 for a success, 0 for a failure."""
    even: tuple[np.ndarray, ...]
    """Of each scenario, (episodes,) True for an episode of even number."""
    values: tuple[np.ndarray, ...]
    """Of each scenario with recordings, (recorded episodes, n) the metric, larger is better; NaN where undefined."""
    left_out: Mapping[str, str]
    """Unit that isn't compared -> the reason."""

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.names)

    @property
    def driven(self) -> int:
        """Number of driven episodes of each unit."""
        return sum(map(len, self.successes))

    @property
    def recorded(self) -> int:
        """Number of recorded episodes that each unit was scored on."""
        return sum(map(len, self.values))

    @cached_property
    def members(self) -> tuple[np.ndarray, ...]:
        """The places of the units of each group."""
        return tuple(np.flatnonzero(self.groups == name) for name in dict.fromkeys(self.groups.tolist()))

    @cached_property
    def cluster_places(self) -> np.ndarray:
        """(n,) number of each unit's cluster, from 0 on."""
        return np.unique(self.clusters, return_inverse=True)[1]

    @property
    def cluster_count(self) -> int:
        """Number of clusters."""
        return int(self.cluster_places.max()) + 1 if self.size else 0

    @cached_property
    def observed(self) -> Resamples:
        """The figures as they were observed, as one row."""
        driven = [np.ones((1, len(won))) for won in self.successes]
        recorded = [np.ones((1, len(values))) for values in self.values]
        return self.weigh(np.ones((1, self.size)), driven, recorded)

    @cached_property
    def proxies(self) -> np.ndarray:
        """(n,) the metric of each unit, larger is better: the mean over scenarios of the mean over episodes."""
        return self.observed.proxies[0]

    @cached_property
    def rates(self) -> np.ndarray:
        """(n,) the success rate of each unit: the mean over scenarios."""
        return self.observed.rates[0]

    def resample(self, resamples: int = RESAMPLES, *, clusters: bool = True, episodes: bool = True) -> Resamples:
        """Resample clusters, then episodes; the same episodes for all units, as all drove and were scored on the same.

        Args:
            resamples: Number of resamples.
            clusters: False to keep every cluster as it is.
            episodes: False to keep the episodes as they are.
        """
        rng = make_generator(0, "agreement of units")
        drawn = resample_counts(self.cluster_count, rng, resamples) if clusters else np.ones((1, self.cluster_count))
        weights = np.broadcast_to(drawn, (resamples, self.cluster_count))[:, self.cluster_places].astype(np.float64)
        counts = [
            [
                resample_counts(len(each), rng, resamples).astype(np.float64)
                if episodes
                else np.ones((resamples, len(each)))
                for each in part
            ]
            for part in (self.successes, self.values)
        ]
        return self.weigh(weights, *counts)

    def weigh(self, weights: np.ndarray, driven: list[np.ndarray], recorded: list[np.ndarray]) -> Resamples:
        """The figures if each episode of each scenario counts as often as (r, episodes) say."""
        shape = weights.shape
        rates = _mean_over_scenarios(driven, self.successes, shape)
        halves = [
            _mean_over_scenarios(
                [count * half for count, half in zip(driven, part, strict=True)], self.successes, shape
            )
            for part in (self.even, [~even for even in self.even])
        ]
        return Resamples(weights, _mean_over_scenarios(recorded, self.values, shape), rates, np.array(halves))

    @cached_property
    def varying(self) -> tuple[np.ndarray, ...]:
        """The groups whose units differ in both success and the metric: the others have no ranking."""
        return tuple(
            group for group in self.members if np.ptp(self.proxies[group]) > 0.0 and np.ptp(self.rates[group]) > 0.0
        )

    @cached_property
    def reliability(self) -> Reliability:
        """The share of the variance of success and of the metric, multiplied, that isn't noise of few episodes.

        The mean over ``varying`` groups; 0 without any.
        """
        again = self.resample(RELIABILITY_RESAMPLES, clusters=False)

        def measure(group: np.ndarray, ranked: bool) -> float:
            return measure_reliability(
                self.proxies[group], again.proxies[:, group], ranked=ranked
            ) * measure_reliability(self.rates[group], again.rates[:, group], ranked=ranked)

        found = [[measure(group, ranked) for group in self.varying] for ranked in (True, False)]
        return Reliability(*(float(np.mean(products)) if products else 0.0 for products in found))

    @cached_property
    def apart(self) -> np.ndarray:
        """(2, pairs) the pairs of one group whose success differs: McNemar's mid-p test, corrected by Holm."""
        every = [pair for group in self.members for pair in combinations(group.tolist(), 2)]
        won = np.concatenate([*self.successes, np.zeros((0, self.size))]).astype(np.int64)
        both, alone = won.T @ won, won.sum(axis=0)
        p_values = [
            mcnemar_p(gained=int(alone[other] - both[one, other]), lost=int(alone[one] - both[one, other]))
            for one, other in every
        ]
        return np.array(every, np.int64).reshape(-1, 2).T[:, correct_holm(p_values) < ALPHA]

    def count_clusters(self, units: Iterable[np.ndarray]) -> int:
        """Return the number of clusters that some units come from, given as places."""
        return len(np.unique(self.cluster_places[np.concatenate([np.zeros(0, np.int64), *units])]))


def _mean_over_scenarios(
    counts: list[np.ndarray], values: tuple[np.ndarray, ...], shape: tuple[int, ...]
) -> np.ndarray:
    """(r, n) the mean over scenarios of the mean of (episodes, n), each episode counted as (r, episodes) say."""
    means = []
    for count, value in zip(counts, values, strict=True):
        known = np.isfinite(value)
        total = count @ known.astype(np.float64)
        sums = count @ np.where(known, value, 0.0)
        means.append(np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0.0))
    stacked = np.stack(means) if means else np.full((1, *shape), np.nan)
    missing = np.isnan(stacked)
    here = (~missing).sum(axis=0)
    found: np.ndarray = np.where(missing, 0.0, stacked).sum(axis=0) / np.maximum(here, 1)
    return np.where(here > 0, found, np.nan)
