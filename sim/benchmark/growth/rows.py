"""What the parent process of a long run costs: rows that nobody drove go through all that is done with rows.

Each step has a process of its own, so that its memory is not that of another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sim.benchmark.growth.points import Point, peak_memory_mb, run_apart
from sim.benchmark.measurements import Measurement
from sim.console.progress import EpisodeListener
from sim.evaluate.job_kinds import DriveBlock
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.shards.shard import WHOLE, Shard
from sim.merge.parts import merge_manifests, merge_rows, read_manifests
from sim.merge.write import write_merged
from sim.report.html import write_report
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.manifest import Manifest, OfflineSettings, PolicyFacts, make_manifest
from sim.results.plan import Block, RunPlan
from sim.results.provenance.facts import RendererFacts
from sim.results.row import EpisodeRow
from sim.results.run_files import REPORT, ROWS, SUMMARY, TABLE, read_manifest, read_run

POLICIES = tuple(f"policy-{number}" for number in range(10))
SCENARIOS = ("corridor", "rooms")
SUITE_SEED = 3000
SHARDS = 4


def measure_rows(largest: int) -> Iterator[Measurement]:
    """Measure the CPU time and the memory of each step of a run, at a tenth of ``largest`` episodes and at all.

    The ratio is the exponent with which a step grows from the one to the other.
    """
    from sim.benchmark.growth.growth import fit_exponent  # these load PyBullet, which the parent of a run doesn't
    from sim.benchmark.growth.results import drive_rows

    driven = run_apart(drive_rows)
    found = [_measure_steps(make_plan(count), driven) for count in (max(1, largest // 10), largest)]
    for name in found[0]:
        points = [each[name] for each in found]
        ratio = fit_exponent([point.size for point in points], [point.value for point in points])
        yield from (Measurement("rows", name, point.value, point.unit, ratio, at=point.size) for point in points)


class _Figure(NamedTuple):
    """A figure of a run of so many rows."""

    size: int
    value: float
    unit: str


def _measure_steps(plan: RunPlan, driven: Sequence[EpisodeRow]) -> dict[str, _Figure]:
    found: dict[str, _Figure] = {}
    with tempfile.TemporaryDirectory(prefix="mobile-vla-") as name:
        for step, function in STEPS.items():
            point: Point = run_apart(measure_step, function, Path(name), plan, driven)
            found[f"time to {step}"] = _Figure(point.size, point.seconds, "s")
            found[f"memory to {step}"] = _Figure(point.size, point.memory_mb, "MiB")
        for file in (ROWS, TABLE, SUMMARY, REPORT):
            found[f"size of {file}"] = _Figure(point.size, (Path(name) / "run" / file).stat().st_size / 2**20, "MiB")
    return found


def make_plan(count: int) -> RunPlan:
    """Make a plan of many policies in several scenarios."""
    return RunPlan(POLICIES, SCENARIOS, -(-count // (len(POLICIES) * len(SCENARIOS))), SUITE_SEED)


def measure_step(
    step: Callable[[Path, RunPlan, Sequence[EpisodeRow]], object],
    folder: Path,
    plan: RunPlan,
    driven: Sequence[EpisodeRow],
) -> Point:
    """Do a step in a folder that the steps before it filled, and return its cost."""
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        step(folder, plan, driven)
    return Point(len(plan.cells) * plan.episodes, time.process_time() - began, peak_memory_mb())


def make_run_manifest(plan: RunPlan, shard: Shard = WHOLE) -> Manifest:
    """Make the manifest of a run of policies that don't exist."""
    facts = PolicyFacts(0, False, 0.1, None, None)
    manifest = make_manifest(
        command=["benchmark"],
        plan=plan,
        renderer=RendererFacts("auto", "blank", "none"),
        policies={name: replace(facts, parameters=number) for number, name in enumerate(plan.policies)},
        offline=OfflineSettings(True, None),
    )
    return replace(manifest, shard=None if shard == WHOLE else str(shard))


def make_block_rows(block: Block, driven: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    """Make the rows of a block from those of other episodes: no two of a run are equal."""
    rows = []
    for *_, number in block.keys:
        row = driven[number % len(driven)]
        shift = 1e-9 * number
        rows.append(
            replace(
                row,
                policy=block.cell.policy,
                scenario=block.cell.scenario,
                episode=number,
                digest=hashlib.sha256(f"{block.name} {number}".encode()).hexdigest(),
                success=hash_share(block.cell.policy, number) < 0.5,
                metrics={name: None if value is None else value + shift for name, value in row.metrics.items()},
            )
        )
    return rows


def hash_share(policy: str, number: int) -> float:
    """Return a number in [0, 1) that looks random and is always the same."""
    return int.from_bytes(hashlib.sha256(f"{policy} {number}".encode()).digest()[:4]) / 2**32


def write_blocks(out: Path, plan: RunPlan, driven: Sequence[EpisodeRow], shard: Shard = WHOLE) -> None:
    """Do the parent's part of driving: take each row from a worker, and write each block."""
    with RunFolder(out, make_run_manifest(plan, shard), resume=False) as folder:
        run = EvaluationRun(plan, folder, {}, EpisodeListener(), part=shard)
        for job in run.pending_jobs():
            assert isinstance(job.work, DriveBlock)
            for row in make_block_rows(job.work.block, driven):
                run.part(job, to_json(row))
            run.done(job, {"filmed": []})


def _drive(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    write_blocks(folder / "run", plan, driven)


def _open(folder: Path, plan: RunPlan) -> EvaluationRun:
    rows = RunFolder(folder / "run", make_run_manifest(plan), resume=True)
    return EvaluationRun(plan, rows, {}, EpisodeListener())


def _resume(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    run = _open(folder, plan)
    assert run.pending_jobs() == []
    run.rows.close()


def _finish(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    """Resume a run that lacks only its files at the end, and write them."""
    write_outputs(_open(folder, plan))


def _report(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    run = read_run(folder / "run")
    assert run.summary is not None
    write_report(folder / "run" / REPORT, run.manifest, run.summary, run.rows)


def _drive_shards(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    for number in range(1, SHARDS + 1):
        shard = Shard(number, SHARDS)
        write_blocks(folder / "parts" / shard.folder, plan, driven, shard)


def _merge(folder: Path, plan: RunPlan, driven: Sequence[EpisodeRow]) -> None:
    parts = sorted((folder / "parts").iterdir())
    manifest = merge_manifests(read_manifests(parts), folder / "merged")
    write_merged(folder / "merged", manifest, plan, merge_rows(parts, plan), [], parts)
    digests = [(folder / name / SUMMARY).read_text().partition('"digest"')[2][:80] for name in ("run", "merged")]
    assert digests[0] == digests[1]
    assert read_manifest(folder / "merged").plan == plan.record()


STEPS: dict[str, Callable[[Path, RunPlan, Sequence[EpisodeRow]], object]] = {
    "take and write rows": _drive,
    "resume": _resume,
    "resume and write the last files": _finish,
    "write the report again": _report,
    "take and write the rows of shards": _drive_shards,
    "merge shards": _merge,
}
"""By what is measured, the function that does it. A step needs those before it."""
