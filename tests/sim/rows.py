"""Rows, summaries and manifests that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sim.analysis.summary import summarise_run
from sim.metrics.registry import metric_names
from sim.metrics.score import EpisodeScore
from sim.results.manifest import Manifest, OfflineSettings, PolicyFacts, ScenarioFacts, Seeds
from sim.results.plan import Cell, RunPlan
from sim.results.provenance.facts import CodeVersion, Machine, RendererFacts
from sim.results.row import EpisodeRow, new_row
from sim.results.summary.offline_score import (
    BaselineComparison,
    ConstantDifference,
    FrameKindScore,
    MaeDifference,
    MaeEstimate,
    OfflineScore,
    PolicyErrors,
)
from sim.results.summary.summary import Summary
from sim.rollout.episode import Episode, Outcome

PLAN = RunPlan(("good", "bad"), ("corridor",), 12, 0)
FACTS = {
    name: PolicyFacts(parameters=1000, privileged=False, period_s=0.1, image_size=None, weights=None)
    for name in PLAN.policies
}
MANIFEST = Manifest(
    command=("python", "-m", "sim.evaluate", "--policy", "good,bad"),
    started="2030-01-02T03:04:05+00:00",
    code=CodeVersion("0.1.0", None),
    python="3.11.9",
    packages={"numpy": "2.0"},
    machine=Machine("Linux", "a processor", 2),
    renderer=RendererFacts("auto", "gl", "llvmpipe"),
    plan=PLAN.record(),
    policies=FACTS,
    scenarios={"corridor": ScenarioFacts("abc")},
    offline=OfflineSettings(skipped=False, dataset=None),
    seeds=Seeds(0),
)


def make_row(policy: str, number: int, status: str, perturbation: str = "none", **values) -> EpisodeRow:
    """Make a row of the corridor; ``values`` are metrics or other columns."""
    metrics = {"time_s": 7.5, "path_m": 6.0, "spl": float(status == "success"), "on_policy_mae": 0.1, "policy_ms": 0.5}
    metrics |= {name: values.pop(name) for name in metric_names() if name in values}
    goal = "target-1" if perturbation == "instruction=3" else "target-0"
    score = EpisodeScore(
        failure=None if status == "success" else status,
        touched=None,
        goal=goal,
        reached=goal if status == "success" else None,
        metrics={name: metrics.get(name) for name in metric_names()},
    )
    episode, cell = Episode("corridor", 0, number, perturbation), Cell(policy, "corridor", perturbation)
    return replace(new_row(cell, episode, Outcome(status, 75), score, f"{policy} {number}"), **values)


def make_rows() -> list[EpisodeRow]:
    """Make rows of two policies: 'good' succeeds in 11 of 12 episodes, 'bad' in none."""
    good = [make_row("good", number, "success" if number else "collision") for number in range(12)]
    bad = [make_row("bad", number, "stuck" if number < 5 else "timeout") for number in range(12)]
    bad[3] = make_row("bad", 3, "policy-fault", error="ValueError: <b>bold</b>", spl=None)
    return good + bad


PERTURBED = RunPlan(("good", "bad"), ("corridor",), 12, 0, ("none", "lighting=2+latency=1", "instruction=3"))


def make_perturbed_rows() -> list[EpisodeRow]:
    """'good' follows its instruction and loses 4 of 11 to the perturbation; 'bad' always goes to the same target."""
    rows = make_rows()
    for place, row in enumerate(rows):
        if row.policy == "bad" and row.episode >= 5:
            rows[place] = replace(row, status="wrong-target", failure="wrong-target", reached="target-1")
    disturbed = [
        make_row("good", n, "success" if n == 0 or n > 4 else "timeout", PERTURBED.perturbations[1]) for n in range(12)
    ]
    disturbed[2] = replace(disturbed[2], failure="lost")
    disturbed += [make_row("bad", n, "collision", PERTURBED.perturbations[1], touched="blue box") for n in range(12)]
    swapped = [make_row("good", n, "success", "instruction=3") for n in range(12)]
    swapped += [make_row("bad", n, "success" if n >= 5 else "stuck", "instruction=3") for n in range(12)]
    return rows + disturbed + swapped


def make_ranked(
    wins: Mapping[str, int], errors: Mapping[str, float | None], *, episodes: int = 20, privileged: Collection[str] = ()
) -> Summary:
    """Summarise a run in a corridor, given each policy's successes (its first episodes) and its offline MAE."""
    rows = [
        make_row(policy, number, "success" if number < won else "stuck")
        for policy, won in wins.items()
        for number in range(episodes)
    ]
    facts = {policy: replace(FACTS["good"], privileged=policy in privileged) for policy in wins}
    offline = [make_offline(policy, mae) for policy, mae in errors.items()]
    return summarise_run(RunPlan(tuple(wins), ("corridor",), episodes, 0), rows, offline, facts)


def make_offline(policy: str, mae: float | None, scenario: str | None = "corridor") -> OfflineScore:
    """Make a score without conventions; without an MAE, that of a policy that failed."""
    return OfflineScore(
        policy,
        scenario,
        "held-out",
        frames=1200,
        episodes=20,
        errors=None if mae is None else make_errors(mae),
        baselines={"zero": 0.35, "mean": 0.21, "median": 0.2, "hold": 0.02},
        error=None if mae is not None else "ValueError: no",
    )


def make_kind(kind: str, mae: float | None, count: int = 120) -> FrameKindScore:
    """Make the errors of a policy and of the baselines on frames of one kind; without an MAE, of one that failed."""
    own = None if mae is None else MaeEstimate(mae, mae - 0.01, mae + 0.01)
    baselines = {name: MaeEstimate(0.25, 0.2, 0.3) for name in ("zero", "mean", "median", "hold")}
    return FrameKindScore(kind, count, 20, own, None if mae is None else 0.3, baselines, None)


def make_errors(mae: float, half_width: float = 0.01) -> PolicyErrors:
    """Make errors that are equal on all axes."""
    low, high = mae - half_width, mae + half_width
    constant = ConstantDifference(mae - 0.2, low - 0.2, high - 0.2, baseline="median")
    hold = MaeDifference(mae - 0.02, low - 0.02, high - 0.02)
    return PolicyErrors(
        mae, low, high, (mae,) * 3, mae**2, mae, low, high, {}, BaselineComparison(constant, hold)
    )  # fmt: skip
