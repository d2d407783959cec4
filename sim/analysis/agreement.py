"""Whether offline error ranks policies as success does: a row per policy, and what the two ranks come to.

Compared are the contestants that drove every unperturbed episode of the plan and have an offline MAE on every data set
that any contestant has one on. The others stand in the table all the same, with a reason and without a rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.rank_agreement import MIN_POLICIES, PolicyComparison, measure_rank_agreement
from sim.offline.baselines import BASELINES, CONSTANT_BASELINES, HOLD_BASELINE
from sim.results.manifest import PolicyFacts
from sim.results.plan import Cell, RunPlan
from sim.results.row import EpisodeRow
from sim.statistics.intervals import mean_interval, spearman, wilson_interval

QUESTION = "does a lower offline MAE mean a higher success rate? spearman: -1 always, 0 not at all"
CONTESTANT, REFERENCE, PRIVILEGED = "contestant", "reference", "privileged"
REFERENCES = frozenset({"zero", "random", "straight"})  # they look at no frame, and are there to be beaten


@dataclass(frozen=True)
class PolicyResult:
    """What one policy came to.

    Attributes:
        policy: Its name.
        kind: A contestant, a reference, or privileged.
        driven: Scenario -> whether it succeeded in each unperturbed episode that it drove, by their numbers.
        scored: The data set's scenario (None: given by hand) -> its offline entry; those without an MAE are left away.
    """

    policy: str
    kind: str
    successes_by_scenario: Mapping[str, Sequence[bool]]
    offline_by_scenario: Mapping[str | None, Mapping[str, Any]]

    @property
    def successes(self) -> list[bool]:
        return [won for scenario in self.successes_by_scenario.values() for won in scenario]

    @property
    def success_rate(self) -> float:
        """Success rate over all scenarios; -1 without any episode, which is worse than all others."""
        return sum(self.successes) / len(self.successes) if self.successes else -1.0

    @property
    def mae(self) -> float:
        """Mean offline MAE; infinite without any."""
        return (
            float(np.mean([entry["mae"] for entry in self.offline_by_scenario.values()]))
            if self.offline_by_scenario
            else float("inf")
        )


def summarise_agreement(
    plan: RunPlan,
    by_cell: Mapping[Cell, Mapping[int, EpisodeRow]],
    offline: Sequence[Mapping[str, Any]],
    policies: Mapping[str, PolicyFacts],
) -> dict[str, Any]:
    """``agreement`` of ``summary.json``.

    Args:
        plan: What was to be done.
        by_cell: The rows of each cell, by episode; perturbed ones are left aside.
        offline: Entries as in the summary.
        policies: The manifest's facts by name, of which ``privileged`` counts.

    Returns:
        ``question``; ``rows``, the best success first, of equal ones the lower MAE, each with ``policy``, ``kind``,
        ``ranks`` ({"success", "mae"}: 1 is best, equal ones share a rank; None if it isn't compared), ``success``
        ({"k", "n", "rate", "low", "high"} over all unperturbed episodes, taken as one binomial; None without any),
        ``scenarios`` (the same by scenario), ``mae`` ({"mean", "low", "high", "of"}: the mean over so many data sets;
        None without any), ``floors`` (their means over the same data sets), ``beats`` ({"constants", "hold"}: whether
        that mean is below every constant floor's and that of repeating the expert) and ``left_out`` (why a contestant
        isn't compared);

        ``policies``, ``reason``, ``spearman``, ``kendall`` and ``pairs``, see
        ``sim.analysis.rank_agreement.measure_rank_agreement``; ``scenarios``: for each, ``policies`` and
        Spearman's rho over them.
    """
    standings = [_policy_result(plan, name, by_cell, offline, policies[name].privileged) for name in plan.policies]
    left_out = _left_out(plan, standings)
    compared = [each for each in standings if each.kind == CONTESTANT and each.policy not in left_out]
    ordered = sorted(standings, key=lambda each: (-each.success_rate, each.mae))
    return {
        "question": QUESTION,
        "rows": [_row(each, compared, left_out.get(each.policy)) for each in ordered],
        **measure_rank_agreement(_policy_comparison(compared)),
        "scenarios": [_in_scenario(plan, scenario, standings) for scenario in plan.scenarios],
    }


def _policy_result(
    plan: RunPlan,
    policy: str,
    by_cell: Mapping[Cell, Mapping[int, EpisodeRow]],
    offline: Sequence[Mapping[str, Any]],
    privileged: bool,
) -> PolicyResult:
    driven = {
        scenario: [row.success for _, row in sorted(by_cell[Cell(policy, scenario)].items())]
        for scenario in plan.scenarios
    }
    scored = {
        entry["scenario"]: entry for entry in offline if entry["policy"] == policy and entry.get("mae") is not None
    }
    kind = PRIVILEGED if privileged else REFERENCE if policy in REFERENCES else CONTESTANT
    return PolicyResult(policy, kind, driven, scored)


def _left_out(plan: RunPlan, standings: Sequence[PolicyResult]) -> dict[str, str]:
    """Why contestants can't be compared with the others, by policy."""
    contestants = [each for each in standings if each.kind == CONTESTANT]
    wanted, data_sets = (
        len(plan.scenarios) * plan.episodes,
        {name for each in contestants for name in each.offline_by_scenario},
    )
    reasons = {}
    for each in contestants:
        if len(each.successes) < wanted:
            reasons[each.policy] = f"{len(each.successes)} of {wanted} episodes"
        elif not each.offline_by_scenario:
            reasons[each.policy] = "no offline MAE"
        elif len(each.offline_by_scenario) < len(data_sets):
            reasons[each.policy] = f"offline MAE on {len(each.offline_by_scenario)} of {len(data_sets)} data sets"
    return reasons


def _policy_comparison(compared: Sequence[PolicyResult]) -> PolicyComparison:
    """The policies that are compared; all of them drove the same scenarios and were scored on the same data sets."""
    if not compared:
        return PolicyComparison([], [])
    won = [
        np.array([each.successes_by_scenario[scenario] for each in compared]).T
        for scenario in compared[0].successes_by_scenario
    ]
    return PolicyComparison(
        won, [[each.offline_by_scenario[name] for each in compared] for name in compared[0].offline_by_scenario]
    )


def _row(standing: PolicyResult, compared: Sequence[PolicyResult], left_out: str | None) -> dict[str, Any]:
    floors = _mean_baselines(standing.offline_by_scenario)
    constants = [floors[name] for name in CONSTANT_BASELINES if name in floors]
    ranks: dict[str, int | None] = {"success": None, "mae": None}
    if standing in compared:
        ranks["success"] = 1 + sum(other.success_rate > standing.success_rate for other in compared)
        ranks["mae"] = 1 + sum(other.mae < standing.mae for other in compared)
    return {
        "policy": standing.policy,
        "kind": standing.kind,
        "ranks": ranks,
        "success": _success(standing.successes),
        "scenarios": {name: _success(won) for name, won in standing.successes_by_scenario.items()},
        "mae": _mae(standing.offline_by_scenario),
        "floors": floors or None,
        "beats": {
            "constants": standing.mae < min(constants) if constants else None,
            "hold": standing.mae < floors[HOLD_BASELINE] if HOLD_BASELINE in floors else None,
        },
        "left_out": left_out,
    }


def _success(successes: Sequence[bool]) -> dict[str, Any] | None:
    if not successes:
        return None
    k, n = sum(successes), len(successes)
    return {"k": k, "n": n, "rate": k / n, **wilson_interval(successes=k, trials=n)._asdict()}


def _mae(scored: Mapping[str | None, Mapping[str, Any]]) -> dict[str, Any] | None:
    if not scored:
        return None
    mean, low, high = mean_interval([(entry["mae"], entry["low"], entry["high"]) for entry in scored.values()])
    return {"mean": mean, "low": low, "high": high, "of": len(scored)}


def _mean_baselines(scored: Mapping[str | None, Mapping[str, Any]]) -> dict[str, float]:
    """The mean over the data sets of each floor that all of them have."""
    every = [entry["floors"] for entry in scored.values()]
    common = [name for name in BASELINES if every and all(name in floors for floors in every)]
    return {name: float(np.mean([floors[name] for floors in every])) for name in common}


def select_baselines(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The floors that stand for all ``rows``: of the policy scored on the most data sets; empty without any."""
    scored = [row for row in rows if row["mae"] is not None]
    widest = max(scored, key=lambda row: row["mae"]["of"], default=None)
    return {} if widest is None else dict(widest["floors"] or {})


def _in_scenario(plan: RunPlan, scenario: str, standings: Sequence[PolicyResult]) -> dict[str, Any]:
    """Spearman's rho in one scenario, over the contestants that drove all of it and were scored for it."""
    pairs = [
        (entry["mae"], sum(each.successes_by_scenario[scenario]))
        for each in standings
        if each.kind == CONTESTANT and len(each.successes_by_scenario[scenario]) == plan.episodes
        if (entry := each.offline_by_scenario.get(scenario) or each.offline_by_scenario.get(None)) is not None
    ]
    found: dict[str, Any] = {"scenario": scenario, "policies": len(pairs)}
    if len(pairs) < MIN_POLICIES:
        return {**found, "spearman": None, "p_value": None, "low": None, "high": None}
    rho, p_value, low, high = spearman(*zip(*pairs, strict=True))
    return {**found, "spearman": rho, "p_value": p_value, "low": low, "high": high}
