"""Writes a run again and again, each time on a disk that fails at another change; run with ``failing_disk.c`` loaded.

Prints a line for each broken law, then how many runs were ended by the disk, of how many.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import numpy as np
from rows import MANIFEST, PLAN, make_offline, make_row

from sim.console.progress import EpisodeListener
from sim.evaluate.job_kinds import DriveBlock, ScoreOffline
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.trajectories import NUMBERS, _part
from sim.results import read_run
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.run_files import MANIFEST as MANIFEST_FILE

FILES = {"episodes.jsonl", "episodes.parquet", "manifest.json", "report.html", "summary.json", "trajectories.parquet",
         "videos"}  # fmt: skip


def drive(folder: Path) -> None:
    """Do all that the parent process of a run does, with results that workers could have sent."""
    with RunFolder(folder, MANIFEST, resume=(folder / MANIFEST_FILE).is_file()) as rows:
        run = EvaluationRun(PLAN, rows, {"corridor": None}, EpisodeListener())
        for job in run.pending_jobs():
            match job.work:
                case DriveBlock(block=block):
                    for episode in block.episodes:
                        run.part(job, to_json(make_row(block.cell.policy, episode.number, "success")))
                    run.done(job, {"filmed": []})
                case ScoreOffline(policy=policy):
                    run.done(job, {"entry": to_json(make_offline(policy, 0.1))})
        disk.pause_disk(1)  # workers write these
        write_trajectories(folder)
        disk.pause_disk(0)
        write_outputs(run)


def write_trajectories(folder: Path) -> None:
    """Write the trajectories of all blocks, as workers do."""
    for block in PLAN.blocks:
        path = _part(folder, block)
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = np.zeros((block.count, len(NUMBERS)), np.float32)
        episodes = np.arange(block.first, block.first + block.count, dtype=np.int32)
        np.savez(path, episode=episodes, step=np.zeros(block.count, np.int32), numbers=numbers)


def broken_law(folder: Path) -> str | None:
    """Drive on a disk that is armed, then on a sound one, and return which law that breaks."""
    global refused
    try:
        drive(folder)
    except OSError:
        refused += 1
    except BaseException as error:  # noqa: BLE001  reported
        return f"ends in {error!r}"
    disk.arm_disk(b"", 0, 0, 0)
    if (folder / MANIFEST_FILE).is_file():
        read_run(folder)
    drive(folder)
    run = read_run(folder)
    if {row.key for row in run.rows} != {key for block in PLAN.blocks for key in block.keys}:
        return f"has {len(run.rows)} rows"
    if len(run.rows) != len({row.key for row in run.rows}) or run.summary is None or not run.summary.complete:
        return "is not complete, or has a row twice"
    left = {path.name for path in folder.iterdir()} - FILES
    return f"leaves {left}" if left else None


disk = ctypes.CDLL(os.environ["LD_PRELOAD"])
base, (number, lasting, every) = Path(sys.argv[1]).resolve(), map(int, sys.argv[2:])
refused = 0
first = base / "sound"
disk.arm_disk(os.fsencode(first), 0, 0, number)
drive(first)
changes = disk.count_changes()
for place in range(1, changes + 1, every):
    run_folder = base / str(place)
    disk.arm_disk(os.fsencode(run_folder), place, lasting, number)
    try:
        law = broken_law(run_folder)
    except BaseException as error:  # noqa: BLE001  reported
        law = f"can't be finished: {error!r}"
    if law is not None:
        print(f"a run whose change {place} fails {law}")
print(refused, len(range(1, changes + 1, every)))
