"""How many policies and episodes it would take to tell whether a metric predicts success."""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np

from sim.agreement.comparison import RELIABILITY_RESAMPLES, Comparison
from sim.agreement.judgement import MIN_CLUSTERS
from sim.agreement.measures import measure_resamples
from sim.statistics.power import episodes_for_difference, episodes_for_reliability, policies_for_correlation
from sim.statistics.rank_intervals import MIN_EPISODES, MIN_RECORDED, MIN_RELIABILITY

WANTED_RELIABILITY = 0.8  # of both rankings together, where it is too small for an interval


class Needs(NamedTuple):
    """What it would take at least; never less than there is."""

    policies: int
    """Number of policies."""
    clusters: int
    """Number of clusters of related policies that they come from."""
    driven: int | None
    """Driven episodes of each; None if no number of them would do."""
    recorded: int | None
    """Recorded episodes; None if no number of them would do."""


def estimate_needs(compared: Comparison, *, rho: float, low: float | None, high: float | None) -> Needs:
    """Estimate what it would take to tell a correlation from none in four of five cases.

    Where there is an interval, as many clusters more as make it too narrow to contain both 0 and ``rho``, since its
    width falls as their root grows; and at least as many policies as the power computation asks.

    Args:
        compared: The units.
        rho: The correlation to tell from 0.
        low: Lower end of the interval of the correlation that was seen; None if there is none.
        high: Upper end of it.
    """
    driven, recorded, reliability = _need_episodes(compared)
    effect = measure_design_effect(compared)
    policies = policies_for_correlation(rho, reliability=reliability, design_effect=effect)
    per_cluster = max(1.0, compared.size / max(1, compared.cluster_count))
    clusters = max(MIN_CLUSTERS, compared.cluster_count, math.ceil(policies / per_cluster))
    if low is not None and high is not None:
        clusters = max(clusters, math.ceil(compared.cluster_count * ((high - low) / rho) ** 2))
    return Needs(max(policies, compared.size, math.ceil(clusters * per_cluster)), clusters, driven, recorded)


def describe_pair_needs(compared: Comparison, wanted: int) -> str:
    """Describe what it takes until success tells a number of pairs apart: policies, or episodes."""
    pairs = [pair for group in compared.members for pair in combinations(compared.rates[group].tolist(), 2)]
    if len(pairs) < wanted:
        enough = math.ceil((1.0 + math.sqrt(1.0 + 8.0 * wanted)) / 2.0)
        return f"{enough} policies" if len(compared.members) == 1 else "more policies"
    found = (episodes_for_difference(*pair, tests=len(pairs)) for pair in pairs)
    needs = sorted(each for each in found if each is not None)
    if len(needs) < wanted:
        return "policies that differ more in success"
    return f"about {max(needs[wanted - 1], compared.driven + 1)} episodes"


def measure_design_effect(compared: Comparison) -> float:
    """Measure how many times the variance of Fisher's z is that of as many unrelated policies, 1 or more.

    With too few clusters for a bootstrap, related policies count as one.
    """
    unrelated = compared.size / max(1, compared.cluster_count)
    if compared.cluster_count < MIN_CLUSTERS or compared.size < 5:
        return max(1.0, unrelated)
    drawn = measure_resamples(compared, compared.resample(RELIABILITY_RESAMPLES, episodes=False), regrets=False)
    z = np.arctanh(np.clip(drawn["spearman"][np.isfinite(drawn["spearman"])], -0.999, 0.999))
    if len(z) < 2:
        return max(1.0, unrelated)
    rho = math.tanh(float(z.mean()))
    return max(1.0, float(z.var()) * (compared.size - 3) / (1.0 + rho**2 / 2.0))


def _need_episodes(compared: Comparison) -> tuple[int | None, int | None, float]:
    """Driven and recorded episodes, and the reliability that they give."""
    least = ((compared.driven, MIN_EPISODES), (compared.recorded, MIN_RECORDED))
    reliability = compared.reliability.ranks
    if reliability >= MIN_RELIABILITY:
        driven, recorded = map(max, least)
        return driven, recorded, reliability
    needs = []
    for there, fewest in least:
        more = episodes_for_reliability(there, reliability, wanted=WANTED_RELIABILITY)
        needs.append(None if more is None else max(more, fewest))
    return needs[0], needs[1], WANTED_RELIABILITY


def describe_needs(compared: Comparison, needs: Needs) -> str:
    """Describe what it would take, naming recorded episodes only where there are too few."""
    if needs.driven is None or needs.recorded is None:
        return "policies that differ more, or many more episodes: so far these differ by no more than noise"
    recorded = f" and {needs.recorded} recorded ones" if needs.recorded > compared.recorded else ""
    return f"{needs.policies} policies of {needs.clusters} {compared.noun} and {needs.driven} episodes{recorded}"
