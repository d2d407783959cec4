"""The rows of a run, in memory or in its folder, where they are appended block by block."""

from __future__ import annotations

import contextlib
import json
import os
from array import array
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder
from scenarios.common.locks import lock_file
from sim.results.codec import to_json
from sim.results.manifest import Manifest, check_same_run, resume_manifest
from sim.results.plan import BLOCK_EPISODES, Block, RunPlan
from sim.results.row import EpisodeRow, RowKey
from sim.results.run_files import (
    FAILED_JOBS_LOG,
    MANIFEST,
    ROWS,
    VIDEOS,
    read_manifest,
    read_rows,
    read_summary,
    write_json,
)
from sim.results.summary.offline_score import OfflineScore

NO_LOCKS = "the disk of '{path}' has no file locks ({reason}): start no second run in this folder while this one runs"


def check_out_folder(path: Path, *, resume: bool) -> None:
    """Check, before anything is written, that a run can be written to ``path``.

    Raises:
        InputError: It is a file, or isn't empty without ``resume``, or contains no run with ``resume``.
    """
    if not resume:
        if _is_unstarted(path):
            return
        try:
            check_new_folder(path)
        except InputError as error:
            if (path / MANIFEST).is_file():
                raise InputError(
                    f"--out '{path}' contains a run: add --resume to finish it, or choose a new folder"
                ) from None
            raise error
    elif not (path / MANIFEST).is_file():
        raise InputError(
            f"--resume '{path}': contains no {MANIFEST}, so there is no run to resume; omit --resume to start one"
        )


def _is_unstarted(path: Path) -> bool:
    """Return whether a run was killed in a folder before its manifest was there, so that nothing is lost in it."""
    if not path.is_dir():
        return False
    files = {file for file in path.rglob("*") if file != path / VIDEOS}
    return all(
        (file == path / ROWS and not file.stat().st_size) or file.name.startswith(f".{MANIFEST}.") for file in files
    )


class EpisodeRows:
    """The rows of a run in memory.

    Attributes:
        manifest: The manifest, from the start of the run.
        path: The run's folder; None if nothing is written.
        warnings: Sentences about the folder.
        made_by: Value of the column of this name in the rows of this session.
        changed: Keys of the rows that were driven again and ended otherwise; the first row is kept.
    """

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.made_by = manifest.provenance.name
        self.path: Path | None = None
        self.warnings: list[str] = []
        self.changed: set[RowKey] = set()
        self._rows: dict[RowKey, EpisodeRow] = {}

    def has_row(self, key: RowKey) -> bool:
        """Return whether a row is there."""
        return key in self._rows

    def has_block(self, block: Block) -> bool:
        """Return whether every row of a block is there."""
        return all(map(self.has_row, block.keys))

    def count_rows(self, plan: RunPlan) -> int:
        """Count the rows of the plan that are there."""
        return sum(self.has_row(key) for block in plan.blocks for key in block.keys)

    def append(self, rows: Iterable[EpisodeRow]) -> None:
        """Add the rows that are new."""
        for row in self._select_new(rows):
            self._rows[row.key] = row

    def _select_new(self, rows: Iterable[EpisodeRow]) -> list[EpisodeRow]:
        """Return the rows that aren't there, and note those that ended otherwise."""
        new: dict[RowKey, EpisodeRow] = {}
        for row in rows:
            known = self._find_row(row.key) if self.has_row(row.key) else new.setdefault(row.key, row)
            if known.digest != row.digest:
                self.changed.add(row.key)
        return list(new.values())

    def _find_row(self, key: RowKey) -> EpisodeRow:
        """Return a row that is there."""
        return self._rows[key]

    def rows_in_order(self, plan: RunPlan) -> list[EpisodeRow]:
        """Return the rows in the order of the plan."""
        return [self._rows[key] for block in plan.blocks for key in block.keys if key in self._rows]

    def log_failed_job(self, job: str, reason: str) -> None:
        """Do nothing: there is no file."""

    def read_offline_scores(self) -> list[OfflineScore]:
        """Return the offline scores of an earlier session: none."""
        return []

    def close(self) -> None:
        """Close the files of the run; the rows stay."""


class RowPlaces:
    """Places of rows in a file by key. A long run has many rows, so one takes about 30 bytes."""

    def __init__(self) -> None:
        # Blocks of ten rows each, -1 for none; a key ends with the block's number.
        self._blocks: dict[RowKey, array[int]] = {}

    def __contains__(self, key: RowKey) -> bool:
        return self.find(key) is not None

    def find(self, key: RowKey) -> int | None:
        """Return the place of a row; None if there is none."""
        block, number = _split_key(key)
        place = self._blocks[block][number] if block in self._blocks else -1
        return place if place >= 0 else None

    def put(self, key: RowKey, place: int) -> None:
        """Set the place of a row."""
        block, number = _split_key(key)
        if block not in self._blocks:
            self._blocks[block] = array("q", [-1] * BLOCK_EPISODES)
        self._blocks[block][number] = place


def _split_key(key: RowKey) -> tuple[RowKey, int]:
    """Split a row's key into that of its block and its place there."""
    policy, scenario, perturbation, episode = key
    block, number = divmod(episode, BLOCK_EPISODES)
    return (policy, scenario, perturbation, block), number


class RunFolder(EpisodeRows):
    """The rows of a run in its folder. Only the parent process writes, and a lock excludes a second run.

    While it drives, only the places of the rows are in memory, so that a long run takes no more than a short one.

    Args:
        path: The folder.
        manifest: The manifest of this session.
        resume: True to go on with the run in the folder.
        anyway: True to go on also if its rows were made by other code, packages, Python, machine or renderer.

    Raises:
        InputError: The folder can't be used, contains another run, or none.
    """

    path: Path

    def __init__(self, path: Path, manifest: Manifest, *, resume: bool, anyway: bool = False) -> None:
        check_out_folder(path, resume=resume)
        super().__init__(manifest)
        self.path = path
        if resume:
            before = read_manifest(path)
            check_same_run(before, manifest, path, anyway=anyway)
            self.manifest = resume_manifest(before, manifest)
        path.mkdir(parents=True, exist_ok=True)
        self._places = RowPlaces()
        self._stream = (path / ROWS).open("ab+", buffering=0)
        self._lock()
        try:
            if resume:
                self._recover()
            (path / VIDEOS).mkdir(exist_ok=True)
            write_json(path / MANIFEST, to_json(self.manifest))
        except BaseException:
            self._abandon(is_new=not resume)
            raise

    def _abandon(self, *, is_new: bool) -> None:
        """Close a folder that couldn't be opened; of a new one nothing stays, so that the command can be repeated."""
        if is_new:
            with contextlib.suppress(OSError):
                for file in (ROWS, MANIFEST):
                    (self.path / file).unlink(missing_ok=True)
                (self.path / VIDEOS).rmdir()
        self.close()

    def _lock(self) -> None:
        """Exclude a second run; only warn where the disk has no locks."""
        try:
            reason = lock_file(self._stream, wait=False)
        except BlockingIOError:
            self._stream.close()
            raise InputError(f"--out '{self.path}': another process is writing to this folder") from None
        if reason is not None:
            self.warnings.append(NO_LOCKS.format(path=self.path, reason=reason))

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stream.close()

    def _recover(self) -> None:
        """Find the complete rows, and truncate a last line that a killed process left incomplete."""
        with self._open_reader() as reader:
            place = reader.seek(0)
            for row in read_rows(reader, self.path / ROWS):
                self._places.put(row.key, place)
                place = reader.tell()
        if place < os.fstat(self._stream.fileno()).st_size:
            self._stream.truncate(place)

    def has_row(self, key: RowKey) -> bool:
        return key in self._places

    def _find_row(self, key: RowKey) -> EpisodeRow:
        place = self._places.find(key)
        assert place is not None
        with self._open_reader() as reader:
            reader.seek(place)
            return next(read_rows(reader, self.path / ROWS))

    def rows_in_order(self, plan: RunPlan) -> list[EpisodeRow]:
        if not self._rows:
            with self._open_reader() as reader:
                reader.seek(0)
                self._rows = {row.key: row for row in read_rows(reader, self.path / ROWS)}
        return super().rows_in_order(plan)

    def append(self, rows: Iterable[EpisodeRow]) -> None:
        """Append the rows that are new; they are on disk when this returns, and after an error none of them is."""
        new = self._select_new(rows)
        lines = [json.dumps(to_json(row), allow_nan=False).encode() + b"\n" for row in new]
        content, end = b"".join(lines), self._stream.seek(0, os.SEEK_END)
        try:
            while content:
                content = content[self._stream.write(content) :]
            os.fsync(self._stream.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._stream.truncate(end)
            raise
        self._rows = {}
        for row, line in zip(new, lines, strict=True):
            self._places.put(row.key, end)
            end += len(line)

    @contextlib.contextmanager
    def _open_reader(self) -> Iterator[BinaryIO]:
        """Read the file of rows through the stream that has the lock: on some disks, closing another would end it."""
        if self._stream.closed:
            with (self.path / ROWS).open("rb") as other:
                yield other
            return
        reader = BufferedReader(self._stream)
        try:
            yield reader
        finally:
            reader.detach()

    def log_failed_job(self, job: str, reason: str) -> None:
        """Log a job that failed, with the reason."""
        with (self.path / FAILED_JOBS_LOG).open("a", encoding="utf-8") as stream:
            stream.write(f"{job}\n{reason}\n\n")

    def read_offline_scores(self) -> list[OfflineScore]:
        """Return the offline scores of an earlier session."""
        summary = read_summary(self.path)
        return [] if summary is None else list(summary.offline)
