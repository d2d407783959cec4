"""The choice of a policy for a need, and which others the data can't tell from it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.analysis.rates import compare_paired, estimate_success
from sim.report.advice.candidates import Candidate, EpisodeKey
from sim.report.advice.needs import Need
from sim.results.summary.rates import PairedDifference, SuccessRate
from sim.statistics.exact import ALPHA
from sim.statistics.multiple import correct_holm, mcnemar_p


def order_size(candidate: Candidate) -> float:
    """Return the size of a policy in MB to compare by: one that isn't known is larger than all."""
    return math.inf if candidate.size_mb is None else candidate.size_mb


@dataclass(frozen=True)
class Limits:
    """Limits that the user sets for every need.

    Attributes:
        size_mb: Of the weights in float32, in MB; None for none.
        latency_s: Of the inference time, in s; None for none.
        scenarios: That count; empty for all that a need asks for.
    """

    size_mb: float | None = None
    latency_s: float | None = None
    scenarios: tuple[str, ...] = ()

    def keeps(self, candidate: Candidate) -> bool:
        """Whether a policy keeps them."""
        if self.size_mb is not None and order_size(candidate) > self.size_mb:
            return False
        return self.latency_s is None or (candidate.latency_s is not None and candidate.latency_s <= self.latency_s)

    def leave_some_out(self, need: Need) -> bool:
        """Whether a policy can fail to keep these limits, or those of a need."""
        return bool(need.limits) or (self.size_mb, self.latency_s) != (None, None)


def describe_limits(limits: Limits) -> list[str]:
    """Say which limits hold for every need; nothing without any."""
    given = [
        *([f"weights up to {limits.size_mb:g} MB"] if limits.size_mb is not None else []),
        *([f"an answer within {limits.latency_s:g} s"] if limits.latency_s is not None else []),
        *([f"episodes of {' and '.join(limits.scenarios)}"] if limits.scenarios else []),
    ]
    return [f"limits for every need: {', '.join(given)}"] if given else []


@dataclass(frozen=True)
class Rival:
    """A policy that the data can't tell from the one that is recommended."""

    name: str
    difference: PairedDifference | None
    """Its success less that of the recommended policy, in the same episodes."""


@dataclass(frozen=True)
class Recommendation:
    """What is recommended for a need.

    Attributes:
        need: The need.
        policy: The recommended policy; None without one.
        success: Its success in the episodes that count; None without one.
        rivals: Policies that the data can't tell from it, the best first.
        considered: Number of policies that it was chosen from.
        scenarios: The scenarios whose episodes counted; empty without one.
        reason: Why there is none; "" if there is one.
    """

    need: Need
    policy: Candidate | None = None
    success: SuccessRate | None = None
    rivals: tuple[Rival, ...] = ()
    considered: int = 0
    scenarios: tuple[str, ...] = ()
    reason: str = ""


def recommend_policy(need: Need, candidates: Sequence[Candidate], limits: Limits) -> Recommendation:
    """Choose the policy with the highest success of those that keep all limits and succeeded at least once.

    Policies are told apart by McNemar's test of the episodes that both drove, corrected for the number of policies by
    Holm's procedure: that the best is the best of many is part of the question.
    """
    counted = {key for each in candidates for key in each.success if _counts(need, limits, key)}
    if not counted:
        return Recommendation(need, reason=f"the run has no episodes {_describe_episodes(need, limits)}")
    kept = [each for each in candidates if limits.keeps(each) and need.keeps(each) and counted <= each.success.keys()]
    if not kept:
        return Recommendation(need, reason="no policy that drove all its episodes keeps the limits")
    keys = sorted(counted)
    able = [each for each in kept if _count(each, keys)]
    if not able:
        did = "keeps the limits" if limits.leave_some_out(need) else "drove all its episodes"
        return Recommendation(need, reason=f"no policy that {did} ever succeeded")
    ranked = sorted(able, key=lambda each: (-_count(each, keys), order_size(each), each.name))
    alike = [ranked[0], *_find_alike(ranked[0], ranked[1:], keys)]
    chosen = min(alike, key=lambda each: (order_size(each), each.name)) if need.smallest else ranked[0]
    if chosen is not ranked[0]:  # others than those that are like the best may be like it
        alike = [ranked[0], *_find_alike(chosen, [each for each in ranked[1:] if each is not chosen], keys)]
    rivals = tuple(Rival(each.name, _compare(chosen, each, keys)) for each in alike if each is not chosen)
    success = estimate_success([chosen.success[key] for key in keys])
    scenarios = tuple(dict.fromkeys(scenario for scenario, _, _ in keys))
    return Recommendation(need, chosen, success, rivals, len(able), scenarios)


def _counts(need: Need, limits: Limits, key: EpisodeKey) -> bool:
    scenario, perturbation, _ = key
    return replace(need, scenarios=limits.scenarios or need.scenarios).counts(scenario, perturbation)


def _describe_episodes(need: Need, limits: Limits) -> str:
    scenarios = limits.scenarios or need.scenarios
    place = f"in {' or '.join(scenarios)}" if scenarios else ""
    return f"{place} under perturbations".strip() if need.perturbed else place


def _count(candidate: Candidate, keys: Collection[EpisodeKey]) -> int:
    return sum(candidate.success[key] for key in keys)


def _find_alike(one: Candidate, others: Sequence[Candidate], keys: Sequence[EpisodeKey]) -> list[Candidate]:
    """Return the policies that the episodes don't tell from one, which is the best or recommended in its place."""
    p_values = []
    for other in others:
        found = _compare(one, other, keys)
        p_values.append(1.0 if found is None else mcnemar_p(gained=found.gained, lost=found.lost))
    corrected = correct_holm(p_values) if p_values else np.empty(0)
    return [other for other, p in zip(others, corrected, strict=True) if p >= ALPHA]


def _compare(first: Candidate, second: Candidate, keys: Sequence[EpisodeKey]) -> PairedDifference | None:
    return compare_paired((first.success[key], second.success[key]) for key in keys)
