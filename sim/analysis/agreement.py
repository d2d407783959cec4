"""Comparison of the rankings of policies by offline error and by success, with a result per policy.

Only policies of the kind ``RANKED`` are compared, and only those that drove every unperturbed episode of the plan and
have an offline MAE on every data set that any of them has one on. The others are listed with a reason, without a rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.floors import LACKS
from sim.analysis.leave_one_out import leave_each_out
from sim.analysis.policy_comparison import PolicyComparison
from sim.analysis.rank_agreement import MIN_POLICIES, measure_rank_agreement
from sim.analysis.rates import estimate_success
from sim.analysis.related_policies import find_related, select_distinct
from sim.offline.baselines import BASELINES, CONSTANT_BASELINES, HOLD_BASELINE
from sim.results.manifest import PolicyFacts
from sim.results.plan import Cell, RunPlan
from sim.results.row import EpisodeRow
from sim.results.summary.agreement import (
    PRIVILEGED,
    RANKED,
    REFERENCE,
    Agreement,
    BeatenBaselines,
    MeanMae,
    PolicyKind,
    PolicyResult,
    Ranks,
    RelatedPolicies,
    ScenarioAgreement,
)
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.rates import SuccessRate
from sim.statistics.correlation import spearman
from sim.statistics.intervals import mean_interval

QUESTION = (
    "does a lower offline MAE mean a higher success rate? spearman: -1 if it always does, 0 if there is no relation"
)
REFERENCE_POLICIES = frozenset(LACKS)  # they lack a sense: every policy should beat them


@dataclass(frozen=True)
class PolicyRecord:
    """The episodes that one policy drove, and its offline scores."""

    policy: str
    """Its name."""
    kind: PolicyKind
    """``RANKED`` if it is compared with the others."""
    successes_by_scenario: Mapping[str, Sequence[bool]]
    """Scenario -> success in each unperturbed episode that it drove, by episode number."""
    scores_by_scenario: Mapping[str | None, OfflineScore]
    """The data set's scenario (None: given by its folder) -> its score; without data sets where the policy failed."""

    @property
    def successes(self) -> list[bool]:
        """Success in each unperturbed episode, over all scenarios."""
        return [won for scenario in self.successes_by_scenario.values() for won in scenario]

    @property
    def success_rate(self) -> float:
        """Success rate over all scenarios; -1 without any episode, to sort last."""
        return sum(self.successes) / len(self.successes) if self.successes else -1.0

    @property
    def mae(self) -> float:
        """Mean offline MAE; infinite without any."""
        errors = [score.require_errors().mae for score in self.scores_by_scenario.values()]
        return float(np.mean(errors)) if errors else float("inf")


def summarise_agreement(
    plan: RunPlan,
    by_cell: Mapping[Cell, Mapping[int, EpisodeRow]],
    offline: Sequence[OfflineScore],
    policies: Mapping[str, PolicyFacts],
) -> Agreement:
    """Compare the ranking of policies by offline MAE with that by success.

    Args:
        plan: The plan of the run.
        by_cell: The rows of each cell, by episode; perturbed cells are ignored.
        offline: The score of each policy on each data set.
        policies: The manifest's facts by name, of which ``privileged`` counts.
    """
    records = [_gather_record(plan, name, by_cell, offline, policies[name].privileged) for name in plan.policies]
    left_out = explain_left_out(plan, records)
    compared = [record for record in records if record.kind == RANKED and record.policy not in left_out]
    related = find_related([record.policy for record in records if record.kind == RANKED], by_cell, policies)
    ordered = sorted(records, key=lambda record: (-record.success_rate, record.mae))
    return Agreement(
        question=QUESTION,
        rows=tuple(_summarise_policy(record, compared, left_out.get(record.policy)) for record in ordered),
        ranking=measure_rank_agreement(_compare_policies(compared), related),
        scenarios=tuple(_correlate_in_scenario(plan, scenario, records, related) for scenario in plan.scenarios),
    )


def _gather_record(
    plan: RunPlan,
    policy: str,
    by_cell: Mapping[Cell, Mapping[int, EpisodeRow]],
    offline: Sequence[OfflineScore],
    privileged: bool,
) -> PolicyRecord:
    driven = {
        scenario: [row.success for _, row in sorted(by_cell[Cell(policy, scenario)].items())]
        for scenario in plan.scenarios
    }
    scored = {score.scenario: score for score in offline if score.policy == policy and score.errors is not None}
    kind = PRIVILEGED if privileged else REFERENCE if policy in REFERENCE_POLICIES else RANKED
    return PolicyRecord(policy, kind, driven, scored)


def explain_left_out(plan: RunPlan, records: Sequence[PolicyRecord]) -> dict[str, str]:
    """Return the reason why each ranked policy that can't be compared is left out, by policy."""
    ranked = [record for record in records if record.kind == RANKED]
    wanted = len(plan.scenarios) * plan.episodes
    datasets = {name for record in ranked for name in record.scores_by_scenario}
    reasons = {}
    for record in ranked:
        if len(record.successes) < wanted:
            reasons[record.policy] = f"{len(record.successes)} of {wanted} episodes"
        elif not record.scores_by_scenario:
            reasons[record.policy] = "no offline MAE"
        elif len(record.scores_by_scenario) < len(datasets):
            reasons[record.policy] = f"offline MAE on {len(record.scores_by_scenario)} of {len(datasets)} data sets"
    return reasons


def _compare_policies(compared: Sequence[PolicyRecord]) -> PolicyComparison:
    """The policies that are compared; all of them drove the same scenarios and were scored on the same data sets."""
    if not compared:
        return PolicyComparison([], [])
    first = compared[0]
    successes = [
        np.array([record.successes_by_scenario[scenario] for record in compared]).T
        for scenario in first.successes_by_scenario
    ]
    return PolicyComparison(
        successes, [[record.scores_by_scenario[name] for record in compared] for name in first.scores_by_scenario]
    )


def _summarise_policy(record: PolicyRecord, compared: Sequence[PolicyRecord], left_out: str | None) -> PolicyResult:
    baselines = _mean_baselines(record.scores_by_scenario)
    return PolicyResult(
        policy=record.policy,
        kind=record.kind,
        ranks=_rank(record, compared),
        success=_success(record.successes),
        success_by_scenario={name: _success(won) for name, won in record.successes_by_scenario.items()},
        mae=_mean_mae(record.scores_by_scenario),
        baselines=baselines or None,
        beats=_beaten_baselines(record.mae, baselines),
        left_out=left_out,
    )


def _rank(record: PolicyRecord, compared: Sequence[PolicyRecord]) -> Ranks:
    if record not in compared:
        return Ranks()
    return Ranks(
        success=1 + sum(other.success_rate > record.success_rate for other in compared),
        mae=1 + sum(other.mae < record.mae for other in compared),
    )


def _success(successes: Sequence[bool]) -> SuccessRate | None:
    return estimate_success(successes) if successes else None


def _mean_mae(scores: Mapping[str | None, OfflineScore]) -> MeanMae | None:
    if not scores:
        return None
    errors = [score.require_errors() for score in scores.values()]
    known = [(each.mae, each.low, each.high) for each in errors if each.low is not None and each.high is not None]
    if len(known) < len(errors):
        return MeanMae(float(np.mean([each.mae for each in errors])), None, None, len(scores))
    return MeanMae(*mean_interval(known), datasets=len(scores))


def _mean_baselines(scores: Mapping[str | None, OfflineScore]) -> dict[str, float]:
    """The mean over the data sets of each baseline that all of them have."""
    every = [score.baselines for score in scores.values()]
    common = [name for name in BASELINES if every and all(name in baselines for baselines in every)]
    return {name: float(np.mean([baselines[name] for baselines in every])) for name in common}


def _beaten_baselines(mae: float, baselines: Mapping[str, float]) -> BeatenBaselines:
    constants = [baselines[name] for name in CONSTANT_BASELINES if name in baselines]
    return BeatenBaselines(
        constants=mae < min(constants) if constants else None,
        hold=mae < baselines[HOLD_BASELINE] if HOLD_BASELINE in baselines else None,
    )


def select_baselines(rows: Sequence[PolicyResult]) -> dict[str, float]:
    """Return the baselines to show: those of the policy that was scored on the most data sets; empty without any."""
    widest = max(rows, key=lambda row: row.mae.datasets if row.mae else 0, default=None)
    return {} if widest is None else dict(widest.baselines or {})


def _correlate_in_scenario(
    plan: RunPlan, scenario: str, records: Sequence[PolicyRecord], related: Sequence[RelatedPolicies]
) -> ScenarioAgreement:
    """Spearman's rho in one scenario, over the ranked policies that completed it and were scored on it."""
    points = {
        record.policy: (score.require_errors().mae, sum(record.successes_by_scenario[scenario]))
        for record in records
        if record.kind == RANKED and len(record.successes_by_scenario[scenario]) == plan.episodes
        if (score := record.scores_by_scenario.get(scenario) or record.scores_by_scenario.get(None)) is not None
    }
    distinct = select_distinct(tuple(points), related)
    if len(points) < MIN_POLICIES:
        return ScenarioAgreement(scenario, len(points), None, None, None, None, networks=len(distinct))
    errors, wins = zip(*points.values(), strict=True)
    over_distinct = None
    if len(distinct) >= MIN_POLICIES:
        over_distinct = spearman(*zip(*(points[name] for name in distinct), strict=True)).value
    return ScenarioAgreement(
        scenario,
        len(points),
        *spearman(errors, wins),
        leave_one_out=leave_each_out(tuple(points), errors, wins)[0],
        networks=len(distinct),
        distinct_spearman=over_distinct,
    )
