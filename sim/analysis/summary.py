"""``summary.json``: what a run comes to, per cell, and whether offline error agreed with success. Schema 1.

A perturbed cell stands against the unperturbed one of its policy and scenario, episode by episode: both drove in the
same draw of the scene, from the same start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sim.analysis.agreement import summarise_agreement
from sim.results.plan import SWAPPED_INSTRUCTION, UNPERTURBED, Cell, RunPlan
from sim.results.row import METRICS, EpisodeRow
from sim.statistics.intervals import bootstrap_mean, paired_difference, wilson_interval

SCHEMA = 1


def summarise_run(
    plan: RunPlan,
    rows: Iterable[EpisodeRow],
    offline: Sequence[Mapping[str, Any]],
    policies: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The contents of ``summary.json``.

    Args:
        plan: What was to be done; cells without any row are left out, as nothing can be said of them.
        rows: The episodes.
        offline: Entries as ``sim.offline.score.score_policy`` gives them, one per policy and data set, with
            ``scenario`` (None where the data set was given by hand and so stands for all).
        policies: The manifest's facts by name: ``latency_s``; ``privileged`` ones see the true world, so they are
            ceilings and take no part in the agreement (``sim.analysis.agreement``).
    """
    by_cell: dict[Cell, dict[int, EpisodeRow]] = {cell: {} for cell in plan.cells}
    for row in rows:
        by_cell[Cell(row["policy"], row["scenario"], row["perturbation"])][row["episode"]] = row
    cells = [
        {**_cell(cell, list(driven.values()), policies[cell.policy]), "paired": _paired(cell, by_cell)}
        for cell, driven in by_cell.items()
        if driven
    ]
    return {
        "schema": SCHEMA,
        "complete": sum(cell["episodes"] for cell in cells) == len(plan.cells) * plan.episodes,
        "cells": cells,
        "language": [found for cell in plan.cells if (found := _language(cell, by_cell)) is not None],
        "offline": [dict(entry) for entry in offline],
        "agreement": summarise_agreement(plan, by_cell, offline, policies),
    }


def episode_ending(row: EpisodeRow) -> str:
    """How an episode ended: 'success', or the kind of its failure, or its status where no kind could be told."""
    return "success" if row["success"] else row["failure"] or row["status"]


def _cell(cell: Cell, rows: Sequence[EpisodeRow], facts: Mapping[str, Any]) -> dict[str, Any]:
    k, n = sum(row["success"] for row in rows), len(rows)
    failures = Counter(episode_ending(row) for row in rows if not row["success"])
    low, high = wilson_interval(successes=k, trials=n)
    return {
        "policy": cell.policy,
        "scenario": cell.scenario,
        "perturbation": cell.perturbation,
        "privileged": facts["privileged"],
        "latency_s": facts["latency_s"],
        "runtime": facts.get("runtime", ""),
        "episodes": n,
        "success": {"k": k, "n": n, "rate": k / n, "low": low, "high": high},
        "failures": dict(sorted(failures.items(), key=lambda kind: (-kind[1], kind[0]))),
        "steps": sum(row["steps"] for row in rows),
        **{name: _mean(row[name] for row in rows) for name in METRICS},
    }


def _pairs(cell: Cell, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> Iterator[tuple[EpisodeRow, EpisodeRow]]:
    """The rows of the episodes that were driven both unperturbed and in this cell."""
    without = by_cell[Cell(cell.policy, cell.scenario)]
    return ((without[number], row) for number, row in sorted(by_cell[cell].items()) if number in without)


def _paired(cell: Cell, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> dict[str, Any] | None:
    """Success against the same episodes unperturbed; None for those themselves, and while there are no pairs."""
    if cell.perturbation == UNPERTURBED:
        return None
    pairs = Counter((before["success"], after["success"]) for before, after in _pairs(cell, by_cell))
    if not pairs:
        return None
    gained, lost = pairs[False, True], pairs[True, False]
    found = paired_difference(both=pairs[True, True], gained=gained, lost=lost, neither=pairs[False, False])
    return {"with": UNPERTURBED, "n": pairs.total(), **found._asdict(), "lost": lost, "gained": gained}


def _language(cell: Cell, by_cell: Mapping[Cell, Mapping[int, EpisodeRow]]) -> dict[str, Any] | None:
    """Whether a policy goes where it is told: over pairs of drives in one scene under two instructions.

    A drive counts 1 if it reached what was named, -1 if it reached what the other instruction names (or took the other
    side), else 0; the score is the mean. 1: it always does as it is told. 0: what a policy that ignores the words comes
    to, whatever it prefers.
    """
    if cell.perturbation != SWAPPED_INSTRUCTION:
        return None
    scores = [(_obeyed(one, other) + _obeyed(other, one)) / 2.0 for one, other in _pairs(cell, by_cell)]
    if not scores:
        return None
    low, high = bootstrap_mean(scores)
    score = sum(scores) / len(scores)
    where = {"policy": cell.policy, "scenario": cell.scenario}
    return {**where, "pairs": len(scores), "score": score, "low": low, "high": high}


def _obeyed(row: EpisodeRow, other: EpisodeRow) -> int:
    """What a drive counts beside the one under the other instruction."""
    astray = row["status"] == "wrong-target" and row["reached"] == other["goal"]
    return int(row["success"]) - int(astray or row["status"] == "wrong-side")


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is there; None if nothing is."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
