"""Summary of a run: success, failures and the mean of every metric, per cell.

A perturbed cell is compared with the unperturbed one of its policy and scenario, episode by episode: both drove in the
same sampled scene, from the same start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sim.analysis.agreement import summarise_agreement
from sim.analysis.floors import gather_floors
from sim.analysis.rates import compare_language, compare_paired, compare_success, estimate_success, group_by_phrase
from sim.metrics.registry import metric_names
from sim.results.manifest import PolicyFacts
from sim.results.plan import SWAPPED_INSTRUCTION, UNPERTURBED, Cell, RunPlan
from sim.results.row import EpisodeRow
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.rates import PairedDifference
from sim.results.summary.summary import CellSummary, LanguageScore, Summary
from sim.rollout.digest import combine_digests
from sim.statistics.exact import mean_score_interval

RowsByCell = Mapping[Cell, Mapping[int, EpisodeRow]]
"""The rows of each cell of a plan, by episode number."""


def summarise_run(
    plan: RunPlan,
    rows: Iterable[EpisodeRow],
    offline: Sequence[OfflineScore],
    policies: Mapping[str, PolicyFacts],
) -> Summary:
    """Summarise the episodes of a run that are finished.

    Args:
        plan: The plan of the run; cells without any row are left out.
        rows: The episodes.
        offline: Offline scores, one per policy and data set.
        policies: The manifest's facts by name. Privileged policies are not part of the agreement.
    """
    by_cell: dict[Cell, dict[int, EpisodeRow]] = {cell: {} for cell in plan.cells}
    for row in rows:
        by_cell[row.cell][row.episode] = row
    cells = tuple(_summarise_cell(cell, by_cell, policies[cell.policy]) for cell, driven in by_cell.items() if driven)
    scores = (score_language(cell, by_cell) for cell in plan.cells if cell.perturbation == SWAPPED_INSTRUCTION)
    return Summary(
        complete=sum(cell.episodes for cell in cells) == len(plan.cells) * plan.episodes,
        cells=cells,
        language=tuple(score for score in scores if score is not None),
        floors=gather_floors(plan, by_cell),
        offline=tuple(offline),
        agreement=summarise_agreement(plan, by_cell, offline, policies),
        digest=combine_digests(row.digest for driven in by_cell.values() for row in driven.values()),
    )


def _summarise_cell(cell: Cell, by_cell: RowsByCell, facts: PolicyFacts) -> CellSummary:
    rows = list(by_cell[cell].values())
    failures = Counter(row.ending for row in rows if not row.success)
    return CellSummary(
        policy=cell.policy,
        scenario=cell.scenario,
        perturbation=cell.perturbation,
        privileged=facts.privileged,
        latency_s=facts.latency_s,
        runtime=facts.runtime,
        episodes=len(rows),
        success=estimate_success([row.success for row in rows]),
        failures=dict(sorted(failures.items(), key=lambda kind: (-kind[1], kind[0]))),
        steps=sum(row.steps for row in rows),
        metrics={name: mean_of_defined(row.metrics.get(name) for row in rows) for name in metric_names()},
        paired=_compare_with_unperturbed(cell, by_cell),
        phrases=compare_success(rows),
        period_s=facts.period_s,
        image_size=facts.image_size,
        chunk=facts.chunk,
        replan=facts.replan,
    )


def _pairs(cell: Cell, by_cell: RowsByCell) -> Iterator[tuple[EpisodeRow, EpisodeRow]]:
    """The rows of the episodes that were driven both unperturbed and in this cell."""
    without = by_cell[Cell(cell.policy, cell.scenario)]
    return ((without[number], row) for number, row in sorted(by_cell[cell].items()) if number in without)


def _compare_with_unperturbed(cell: Cell, by_cell: RowsByCell) -> PairedDifference | None:
    if cell.perturbation == UNPERTURBED:
        return None
    return compare_paired((before.success, after.success) for before, after in _pairs(cell, by_cell))


def score_language(cell: Cell, by_cell: RowsByCell) -> LanguageScore | None:
    """Compute the language score of a policy in a cell of swapped instructions; None while there are no pairs.

    An episode counts 1 if it reached the named goal, -1 if it reached the goal of the other instruction (or took the
    other side), else 0; the score is the mean. A policy that ignores the instruction scores 0, whatever it prefers.
    """
    pairs = list(_pairs(cell, by_cell))
    if not pairs:
        return None
    groups = group_by_phrase(pairs, lambda pair: pair[0].phrase)
    by_phrase = {kind: _score_pairs(cell, group) for kind, group in groups.items()}
    return replace(_score_pairs(cell, pairs), phrases=compare_language(by_phrase))


def _score_pairs(cell: Cell, pairs: Sequence[tuple[EpisodeRow, EpisodeRow]]) -> LanguageScore:
    scores = [(_obedience(one, other) + _obedience(other, one)) / 2.0 for one, other in pairs]
    counts = Counter(round(2.0 * score) for score in scores)
    low, high = mean_score_interval([counts[doubled] for doubled in range(-2, 3)])
    return LanguageScore(cell.policy, cell.scenario, len(scores), sum(scores) / len(scores), low, high)


def _obedience(row: EpisodeRow, other: EpisodeRow) -> int:
    """Score one episode, given the one under the other instruction."""
    astray = row.status == "wrong-target" and row.reached == other.goal
    return int(row.success) - int(astray or row.status == "wrong-side")


def mean_of_defined(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are defined; None if none is."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
