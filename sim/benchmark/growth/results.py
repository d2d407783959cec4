"""Time and memory of a run's results against the number of its episodes: rows, summary, table, report, resuming."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from envs.simulation.lockstep import Lockstep
from sim.analysis.summary import summarise_run
from sim.benchmark.growth.episodes import POLICY, BlankRenderer, drive_short_block
from sim.benchmark.growth.points import Point, peak_memory_mb
from sim.benchmark.scenes import SCENARIO, SEED
from sim.report.html import write_report
from sim.results.folder import RunFolder
from sim.results.manifest import OfflineSettings, PolicyFacts, make_manifest
from sim.results.plan import BLOCK_EPISODES, RunPlan
from sim.results.provenance.facts import RendererFacts
from sim.results.row import EpisodeRow
from sim.results.run_files import REPORT, TABLE, read_run, write_parquet

POLICIES: Mapping[str, PolicyFacts] = {POLICY: PolicyFacts(0, False, 0.1, None, None)}


def measure_results(driven: Sequence[EpisodeRow], size: int) -> dict[str, Point]:
    """Write and read the results of a run of as many episodes; return the cost of each part.

    The rows are those of ``driven``, under other numbers and with metrics of their own.
    """
    plan, found = RunPlan((POLICY,), (SCENARIO,), size, SEED), dict[str, Point]()
    rows = [_renumber(driven[number % len(driven)], number) for number in range(size)]
    manifest = make_manifest(
        command=["benchmark"],
        plan=plan,
        renderer=RendererFacts("auto", "blank", "none"),
        policies=POLICIES,
        offline=OfflineSettings(True, None),
    )

    def time_part(name: str, function: Callable[[], object]) -> None:
        began = time.process_time()
        function()
        found[name] = Point(size, time.process_time() - began, peak_memory_mb())

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        with RunFolder(out, manifest, resume=False) as run:
            time_part("rows written", lambda: _append(run, rows))
        time_part("rows read again", lambda: read_run(out))
        time_part("table", lambda: write_parquet(out / TABLE, rows))
        summary = summarise_run(plan, rows[:1], [], POLICIES)
        time_part("report", lambda: write_report(out / REPORT, manifest, summary, rows))
        time_part("summary", lambda: summarise_run(plan, rows, [], POLICIES))
    return found


def drive_rows() -> list[EpisodeRow]:
    """Drive one block of short episodes, and return its rows."""
    lockstep = Lockstep(BLOCK_EPISODES, BlankRenderer())
    try:
        return drive_short_block(lockstep, 0, BLOCK_EPISODES)
    finally:
        lockstep.close()


def _renumber(row: EpisodeRow, number: int) -> EpisodeRow:
    """Return the row of another episode: as in a real run, no two episodes have the same metrics."""
    metrics = {name: None if value is None else value + 1e-9 * number for name, value in row.metrics.items()}
    return replace(row, episode=number, metrics=metrics)


def _append(run: RunFolder, rows: Sequence[EpisodeRow]) -> None:
    for first in range(0, len(rows), BLOCK_EPISODES):
        run.append(rows[first : first + BLOCK_EPISODES])
