"""Folders of runs of made-up units."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rows import FACTS, MANIFEST, make_offline, make_row

from sim.analysis.summary import summarise_run
from sim.results.codec import to_json
from sim.results.plan import RunPlan


def write_run(
    folder: Path,
    wins: Mapping[str, Collection[int]],
    mae: Mapping[str, Sequence[float]] | None = None,
    perturbed_wins: Mapping[str, Collection[int]] | None = None,
    episodes: int = 20,
) -> Path:
    """Write a run in a corridor, given the episodes that each policy wins, and its MAE in each recorded one."""
    perturbations = ("none",) if perturbed_wins is None else ("none", "lighting=2")
    plan = RunPlan(tuple(wins), ("corridor",), episodes, 0, perturbations)
    facts = {name: replace(FACTS["good"]) for name in wins}
    rows = [
        make_row(policy, number, "success" if number in won else "stuck", perturbation)
        for perturbation, given in zip(perturbations, (wins, perturbed_wins or {}), strict=False)
        for policy, won in given.items()
        for number in range(episodes)
    ]
    offline = [
        replace(
            make_offline(policy, sum(values) / len(values)),
            episode_mae=tuple(values),
            episode_frames=(10,) * len(values),
        )
        for policy, values in (mae or {}).items()
    ]
    folder.mkdir(parents=True)
    manifest = replace(MANIFEST, plan=plan.record(), policies=facts)
    (folder / "manifest.json").write_text(json.dumps(to_json(manifest)))
    (folder / "episodes.jsonl").write_text("".join(json.dumps(to_json(row)) + "\n" for row in rows))
    (folder / "summary.json").write_text(json.dumps(to_json(summarise_run(plan, rows, offline, facts))))
    return folder
