"""The folders of one run: found, and checked to be parts of the same one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scenarios.common.errors import InputError
from sim.evaluate.run.offline_log import OFFLINE_LOG, OfflineScoreLog
from sim.evaluate.shards.identity import check_same_evaluation
from sim.evaluate.shards.shard import replace_option
from sim.results.manifest import Manifest, list_makers
from sim.results.plan import RunPlan
from sim.results.row import EpisodeRow, RowKey
from sim.results.run_files import MANIFEST, iterate_rows, read_manifest, read_summary
from sim.results.summary.offline_score import OfflineScore
from sim.workers.processor import select_distinct


@dataclass(frozen=True)
class MergedRows:
    """The rows of all folders, each once."""

    rows: dict[RowKey, EpisodeRow]
    films: dict[RowKey, Path]
    """The folder that the film of each filmed one comes from."""
    repeated: int
    """Number of rows that were there again, and equal."""


def find_folders(paths: Sequence[Path]) -> list[Path]:
    """Find the folders of runs: those given, and those directly below one that isn't a run's itself.

    Raises:
        InputError: There is none, or one is given twice.
    """
    found: list[Path] = []
    for path in paths:
        below = sorted(each.parent for each in path.glob(f"*/{MANIFEST}"))
        if not (path / MANIFEST).is_file() and not below:
            raise InputError(f"'{path}' contains no run: no {MANIFEST} in it or in a folder below it")
        found += [path] if (path / MANIFEST).is_file() else below
    known: set[str] = set()
    for folder in found:
        if (real := os.path.realpath(folder)) in known:
            raise InputError(f"'{folder}' is given twice: name each part once")
        known.add(real)
    return found


def read_manifests(folders: Sequence[Path]) -> list[Manifest]:
    """Read the manifests of all folders, which must be parts of one run.

    Raises:
        InputError: One can't be read, or is part of another run; names the difference.
    """
    manifests = [read_manifest(folder) for folder in folders]
    for folder, manifest in zip(folders[1:], manifests[1:], strict=True):
        check_same_evaluation(manifests[0], folders[0], manifest, folder)
    return manifests


def merge_manifests(manifests: Sequence[Manifest], out: Path) -> Manifest:
    """Make the manifest of the whole run: that of its first part, with the processors and the makers of all."""
    first, *others = sorted(manifests, key=lambda manifest: manifest.started)
    merged = replace(first, command=whole_command(first.command, out), shard=None)
    for other in others:
        merged = replace(
            merged,
            resumed=tuple(sorted((*merged.resumed, *other.resumed))),
            processors=select_distinct((*merged.processors, *other.processors)),
            made_by=list_makers(merged, other),
        )
    return merged


def whole_command(command: Sequence[str], out: Path) -> tuple[str, ...]:
    """Return the command that does the whole run of a part's command, into a folder, if it names one."""
    words = replace_option(command, "--shard", None)
    return tuple(replace_option(words, "--out", str(out)))


def merge_rows(folders: Sequence[Path], plan: RunPlan) -> MergedRows:
    """Read the rows of all folders.

    Raises:
        InputError: Two folders hold another result of one episode, or a row isn't part of the plan.
    """
    cells = frozenset(plan.cells)
    merged = MergedRows({}, {}, 0)
    repeated = 0
    for folder in folders:
        for row in iterate_rows(folder):
            if row.cell not in cells or not 0 <= row.episode < plan.episodes:
                raise InputError(f"'{folder}' contains {_name(row)}, which is not part of the run's plan")
            known = merged.rows.setdefault(row.key, row)
            if known is not row:
                repeated += 1
                _check_equal(known, row, folder, folders)
            elif row.video is not None:
                merged.films[row.key] = folder
    return replace(merged, repeated=repeated)


def _check_equal(known: EpisodeRow, row: EpisodeRow, folder: Path, folders: Sequence[Path]) -> None:
    """Check that an episode ended the same in a folder as in one before it."""
    if (known.digest, known.status) != (row.digest, row.status):
        before = next(each for each in folders if any(other == known for other in iterate_rows(each)))
        raise InputError(
            f"'{before}' and '{folder}' hold different results of {_name(row)}: "
            f"{known.status}, {known.digest}, and {row.status}, {row.digest}: leave one folder out"
        )


def _name(row: EpisodeRow) -> str:
    return f"episode {row.episode} of {row.policy} on {row.scenario}, {row.perturbation}"


def read_scores(folders: Iterable[Path]) -> list[OfflineScore]:
    """Read the offline scores of all folders; a score comes after errors of the same policy on the same data set."""
    found: list[OfflineScore] = []
    for folder in folders:
        summary = read_summary(folder)
        found += [] if summary is None else summary.offline
        found += OfflineScoreLog(folder).read_scores() if (folder / OFFLINE_LOG).is_file() else []
    return sorted(found, key=lambda score: score.error is None)
