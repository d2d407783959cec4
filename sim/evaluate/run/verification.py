"""Comparison of a finished run with a sample of its episodes that is driven again, here or on another machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.shards.identity import RERUN_KEYS, check_same_evaluation, list_differences
from sim.results.codec import to_json
from sim.results.manifest import Manifest
from sim.results.row import EpisodeRow, RowKey
from sim.results.run_files import Run
from sim.workers.processor import Processor

VERIFICATIONS = "verifications.jsonl"
SHOWN = 5  # episodes that differ
CONFIDENCE = 0.95
CONDITIONS = ("code", "python", "packages", "renderer", "machine")


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Result of driving a sample of a run again."""

    time: str
    """When, as ISO 8601 in UTC."""
    digest: str
    """Digest of the digests of the run's episodes."""
    episodes: int
    """Episodes of the run."""
    driven: int
    """Episodes that were driven again."""
    equal: int
    """Those of them that are equal to the bit."""
    different: tuple[RowKey, ...]
    """Policy, scenario, perturbation and number of the others."""
    most_different: float | None
    """Upper end of a one-sided 95 % interval of the share of blocks that differ; None if any does."""
    there: tuple[Processor, ...]
    """Processors that the run was made on."""
    here: tuple[Processor, ...]
    """Processors that the sample was driven on."""
    conditions: tuple[str, ...]
    """What differs otherwise between the two."""


def take_conditions(run: EvaluationRun, recorded: Run) -> None:
    """Check that a sample is driven with the same plan and weights, and let it use the latencies that were measured.

    Raises:
        InputError: It isn't; names the differences.
    """
    there, here = recorded.manifest, run.rows.manifest
    policies = {
        name: replace(facts, latency_s=there.policies[name].latency_s) if name in there.policies else facts
        for name, facts in here.policies.items()
    }
    run.rows.manifest = replace(here, policies=policies)
    check_same_evaluation(there, recorded.path, run.rows.manifest, Path("this command"), RERUN_KEYS)


def compare_sample(recorded: Run, digest: str, here: Manifest, driven: Mapping[RowKey, EpisodeRow]) -> Verification:
    """Compare the episodes that were driven again with the recorded ones."""
    known = {row.key: row for row in recorded.rows}
    different = tuple(key for key, row in driven.items() if _result(row) != _result(known[key]))
    blocks = len({(*key[:3], key[3] // here.plan.block_episodes) for key in driven})
    there = recorded.manifest
    return Verification(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        digest=digest,
        episodes=len(known),
        driven=len(driven),
        equal=len(driven) - len(different),
        different=different,
        most_different=None if different or not blocks else 1.0 - (1.0 - CONFIDENCE) ** (1.0 / blocks),
        there=there.processors,
        here=here.processors,
        conditions=tuple(
            f"{where}: {old} there, {new} here" for where, old, new in list_differences(there, here, CONDITIONS)
        ),
    )


def _result(row: EpisodeRow) -> tuple[str | None, str]:
    return row.digest, row.status


def describe_verification(found: Verification) -> list[str]:
    """Describe the result in lines: numbers, what differs, and what both were made on."""
    lines = [
        f"verified: {found.driven} of {found.episodes} episodes driven again: {found.equal} equal, "
        f"{len(found.different)} different"
    ]
    if found.most_different is not None:
        lines.append(
            f"at most {found.most_different:.1%} of all blocks differ (one-sided 95 %, blocks drawn at random)"
        )
    for policy, scenario, perturbation, number in found.different[:SHOWN]:
        lines.append(f"different: episode {number} of {policy} on {scenario}, {perturbation}")
    lines += [f"made on: {'; '.join(map(str, found.there)) or 'not recorded'}"]
    lines += [f"here:    {'; '.join(map(str, found.here))}"]
    return lines + [f"differs: {text}" for text in found.conditions]


def log_verification(folder: Path, found: Verification) -> None:
    """Append a result to the log in the run's folder."""
    with (folder / VERIFICATIONS).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(to_json(found), allow_nan=False) + "\n")
