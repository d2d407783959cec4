"""Writing of a merged run: the same files as those of a run on one machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from scenarios.common.errors import InputError
from sim.console.progress import EpisodeListener
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.outputs import write_outputs
from sim.evaluate.trajectories import join_trajectories
from sim.merge.parts import MergedRows
from sim.results.folder import RunFolder
from sim.results.manifest import Manifest
from sim.results.plan import RunPlan
from sim.results.row import video_path
from sim.results.run_files import SUITE_FILE
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.summary import Summary

ROWS_AT_ONCE = 1000


def write_merged(
    out: Path,
    manifest: Manifest,
    plan: RunPlan,
    merged: MergedRows,
    scores: Sequence[OfflineScore],
    folders: Sequence[Path],
) -> tuple[Summary, EvaluationRun]:
    """Write the folder of the whole run: rows in the order of the plan, and all that is made from them.

    What is written is taken out of ``merged.rows``: two copies of a long run's rows would take twice the memory.
    """
    videos = list(_list_videos(merged))
    datasets = find_datasets(manifest)
    with RunFolder(out, manifest, resume=False) as folder:
        rows = (merged.rows.pop(key) for block in plan.blocks for key in block.keys if key in merged.rows)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            folder.append(some)
        for source, video in videos:
            link_file(source / video, out / video)
        link_file(folders[0] / SUITE_FILE, out / SUITE_FILE)
        join_trajectories(out, plan, folders)
        run = EvaluationRun(plan, folder, datasets, EpisodeListener())
        for score in scores:
            run.add_score(score)
        return write_outputs(run), run


def find_datasets(manifest: Manifest) -> dict[str | None, str | None]:
    """The data sets of the offline error: by scenario, None for its held-out demonstrations; or one under None."""
    if manifest.offline.skipped:
        return {}
    return {None: manifest.offline.dataset} if manifest.offline.dataset else dict.fromkeys(manifest.plan.scenarios)


def _list_videos(merged: MergedRows) -> Iterator[tuple[Path, str]]:
    """List (folder, path below it) of all videos.

    Raises:
        InputError: A row names another file than its own.
    """
    for key, folder in merged.films.items():
        video, expected = merged.rows[key].video, video_path(merged.rows[key])
        if video != expected:
            raise InputError(f"'{folder}': a row names the video '{video}', not '{expected}'")
        yield folder, expected


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that isn't possible; do nothing if it isn't there."""
    if not source.is_file():
        return
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
