"""``summary.json``: what a run comes to, per cell, and whether offline error agreed with success. Schema 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sim.plan import Cell, Plan
from sim.row import METRICS, Row
from sim.statistics import spearman, wilson

SCHEMA = 1
FEWEST_POLICIES = 3  # with fewer, a rank correlation says nothing


def summarise(
    plan: Plan, rows: Iterable[Row], offline: Sequence[Mapping[str, Any]], privileged: Collection[str] = ()
) -> dict[str, Any]:
    """The contents of ``summary.json``.

    Args:
        plan: What was to be done; cells without any row are left out, as nothing can be said of them.
        rows: The episodes.
        offline: Entries as ``sim.offline.score`` gives them, one per policy and data set, with ``scenario`` (None
            where the data set was given by hand and so stands for all).
        privileged: Policies that see the true world; they are ceilings and take no part in the agreement.
    """
    by_cell: dict[Cell, list[Row]] = {cell: [] for cell in plan.cells}
    for row in rows:
        by_cell[Cell(row["policy"], row["scenario"], row["perturbation"])].append(row)
    cells = [_cell(cell, of_cell, cell.policy in privileged) for cell, of_cell in by_cell.items() if of_cell]
    contestants = [cell for cell in cells if not cell["privileged"]]
    return {
        "schema": SCHEMA,
        "complete": sum(cell["episodes"] for cell in cells) == len(plan.cells) * plan.episodes,
        "cells": cells,
        "offline": [dict(entry) for entry in offline],
        "agreement": {
            "question": "does a lower offline MAE mean a higher success rate? spearman: -1 always, 0 not at all",
            "scenarios": [_agreement(scenario, contestants, offline) for scenario in plan.scenarios],
        },
    }


def _cell(cell: Cell, rows: Sequence[Row], privileged: bool) -> dict[str, Any]:
    k, n = sum(row["success"] for row in rows), len(rows)
    failures = Counter(row["status"] for row in rows if not row["success"])
    low, high = wilson(successes=k, trials=n)
    return {
        "policy": cell.policy,
        "scenario": cell.scenario,
        "perturbation": cell.perturbation,
        "privileged": privileged,
        "episodes": n,
        "success": {"k": k, "n": n, "rate": k / n, "low": low, "high": high},
        "failures": dict(sorted(failures.items(), key=lambda kind: (-kind[1], kind[0]))),
        "steps": sum(row["steps"] for row in rows),
        **{name: _mean(row[name] for row in rows) for name in METRICS},
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is there; None if nothing is."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def _agreement(
    scenario: str, cells: Sequence[Mapping[str, Any]], offline: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Offline MAE against unperturbed success over the policies that have both."""
    mae = {entry["policy"]: entry.get("mae") for entry in offline if entry["scenario"] in (scenario, None)}
    pairs = [
        (mae[cell["policy"]], cell["success"]["rate"])
        for cell in cells
        if cell["scenario"] == scenario and cell["perturbation"] == "none" and mae.get(cell["policy"]) is not None
    ]
    found: dict[str, Any] = {"scenario": scenario, "policies": len(pairs), "spearman": None}
    if len(pairs) >= FEWEST_POLICIES:
        errors, rates = zip(*pairs, strict=True)
        rho, p_value, low, high = spearman(errors, rates)
        found.update(spearman=rho, p_value=p_value, low=low, high=high)
    return found
