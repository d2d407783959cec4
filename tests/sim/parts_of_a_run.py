"""Runs that the tests of this folder divide into parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from rows import FACTS, MANIFEST, make_offline, make_row
from traces import make_trace, poses_of

from sim.console.progress import EpisodeListener
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.shards.shard import WHOLE, Shard
from sim.evaluate.trajectories import write_trajectories
from sim.results.folder import RunFolder
from sim.results.plan import RunPlan
from sim.results.row import EpisodeRow, video_path
from sim.rollout.episode import Episode

PLAN = RunPlan(tuple(FACTS), ("corridor",), 34, 0)
COMMAND = ("python", "-m", "sim.evaluate", "--policy", "good,bad", "--scenario", "corridor", "--episodes", "34")
RUN = replace(MANIFEST, plan=PLAN.record())


def row_of(policy: str, number: int) -> EpisodeRow:
    won = policy == "good" and number % 7 != 3
    row = make_row(policy, number, "success" if won else "collision", time_s=1.0 + number / 3)
    return replace(row, video=video_path(row)) if number % 10 == 0 else row


def trace_of(number: int):
    steps = 3 + number % 2
    return make_trace(
        poses_of(x=lambda t: t + number, seconds=steps / 10),
        episode=Episode("corridor", 0, number),
        actions=np.full((steps, 3), 0.5, np.float32),
        labels=np.full((steps, 3), number / 100, np.float32),
        clearance_m=np.linspace(1.0, 0.7, steps + 1),
    )


def write_part(out: Path, shard: Shard = WHOLE, skip: int = 0, manifest=RUN, change=lambda row: row) -> Path:
    """Write the folder of a part of the run as ``sim.evaluate`` does; its last ``skip`` blocks are missing."""
    given = () if shard == WHOLE else ("--shard", str(shard))
    manifest = replace(
        manifest,
        command=(*COMMAND, "--out", str(out.parent if given else out), *given),
        shard=str(shard) if given else None,
    )
    folder = RunFolder(out, manifest, resume=False)
    run = EvaluationRun(PLAN, folder, {"corridor": None}, EpisodeListener(), part=shard)
    for block in list(shard.select(PLAN.blocks))[: -skip or None]:
        rows = [change(row_of(block.cell.policy, number)) for *_, number in block.keys]
        folder.append(rows)
        for row in rows:
            if row.video:
                (out / row.video).write_bytes(row.video.encode())
        write_trajectories(out, block, [trace_of(number) for *_, number in block.keys])
    for policy, scenario in shard.select([(policy, "corridor") for policy in PLAN.policies]):
        run.add_score(make_offline(policy, 0.1 if policy == "good" else 0.2, scenario))
    write_outputs(run)
    return out


def write_shards(folder: Path, count: int, **arguments) -> list[Path]:
    """Write all parts of the run, each into its folder."""
    shards = [Shard(number, count) for number in range(1, count + 1)]
    return [write_part(folder / shard.folder, shard, **arguments) for shard in shards]


def read_files(folder: Path) -> dict[str, bytes]:
    """The contents of all files of a folder, by their paths in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
