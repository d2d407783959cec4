"""The folder of a run: rows are appended as blocks end, everything else is written at once under its final name."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder, replace_file, write_text
from sim.results.manifest import check_same_run
from sim.results.plan import Block, RunPlan
from sim.results.row import COLUMNS, EpisodeRow, RowKey, row_key

MANIFEST = "manifest.json"
ROWS = "episodes.jsonl"
SUMMARY = "summary.json"
TABLE = "episodes.parquet"
REPORT = "report.html"
FAILED_JOBS_LOG = "faults.log"


def check_out_folder(path: Path, *, resume: bool) -> None:
    """Check, before anything is written, that a run can live in ``path``.

    Raises:
        InputError: It is a file, or it holds something without ``resume``, or ``resume`` finds no run there.
    """
    if not resume:
        try:
            check_new_folder(path)
        except InputError as error:
            if (path / MANIFEST).is_file():
                raise InputError(
                    f"--out '{path}' holds a run: add --resume to finish it, or name a new folder"
                ) from None
            raise error
    elif not (path / MANIFEST).is_file():
        raise InputError(
            f"--resume '{path}': no {MANIFEST} there, so no run to resume; leave --resume out to start one"
        )


class RunFolder:
    """One run's files. Only the parent process writes, and a lock keeps a second run out.

    Attributes:
        rows: What is there, by key.
        manifest: As it was when the run began.
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any], *, resume: bool) -> None:
        check_out_folder(path, resume=resume)
        self.path = path
        self.rows: dict[RowKey, EpisodeRow] = {}
        self.manifest = dict(manifest)
        if resume:
            before = read_json(path / MANIFEST)
            check_same_run(before, self.manifest, path)
            self.manifest = {**before, "resumed": [*before.get("resumed", []), self.manifest["started"]]}
        path.mkdir(parents=True, exist_ok=True)
        self._stream = (path / ROWS).open("ab+")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._stream.close()
            raise InputError(f"--out '{path}': another process is writing there") from None
        if resume:
            self.rows = {row_key(row): row for row in self._recover()}
        write_json(path / MANIFEST, self.manifest)
        (path / "videos").mkdir(exist_ok=True)

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _recover(self) -> list[EpisodeRow]:
        """The whole rows; what a killed writer left of a last line is cut away."""
        self._stream.seek(0)
        content = self._stream.read()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            self._stream.truncate(len(whole))
        rows = []
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                row = json.loads(line)
                row_key(row)
            except (ValueError, KeyError, TypeError):
                raise InputError(f"'{self.path / ROWS}' line {number} is no row of a run: name a new --out") from None
            rows.append(row)
        return rows

    def has_block(self, block: Block) -> bool:
        """Whether every row of a block is there."""
        cell = block.cell
        return all(
            (cell.policy, cell.scenario, cell.perturbation, episode.number) in self.rows for episode in block.episodes
        )

    def append(self, rows: Iterable[EpisodeRow]) -> None:
        """Add rows that aren't there yet, and don't return before they are on the disk."""
        new = [row for row in rows if row_key(row) not in self.rows]
        self._stream.write(b"".join(json.dumps(row, allow_nan=False).encode() + b"\n" for row in new))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.rows.update({row_key(row): row for row in new})

    def log_failed_job(self, job: str, reason: str) -> None:
        """Keep the story of a unit that could not be done."""
        with (self.path / FAILED_JOBS_LOG).open("a", encoding="utf-8") as stream:
            stream.write(f"{job}\n{reason}\n\n")

    def read_offline_entries(self) -> list[dict[str, Any]]:
        """The offline entries of an earlier sitting."""
        path = self.path / SUMMARY
        return list(read_json(path)["offline"]) if path.is_file() else []

    def rows_in_order(self, plan: RunPlan) -> list[EpisodeRow]:
        """The rows in the order of the plan, whoever finished first."""
        return [
            self.rows[wanted]
            for block in plan.blocks
            for episode in block.episodes
            if (wanted := (block.cell.policy, block.cell.scenario, block.cell.perturbation, episode.number))
            in self.rows
        ]


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The contents of a file that this package wrote.

    Raises:
        InputError: It isn't JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"'{path}' can't be read as JSON ({error})") from None


def write_parquet(path: Path, rows: list[EpisodeRow]) -> None:
    """The rows as a table of the same columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        **dict.fromkeys(COLUMNS, pa.float64()),
        **dict.fromkeys(
            (
                "policy",
                "scenario",
                "perturbation",
                "status",
                "failure",
                "touched",
                "goal",
                "reached",
                "digest",
                "video",
                "error",
            ),
            pa.string(),
        ),
        **dict.fromkeys(("episode", "seed", "steps"), pa.int64()),
        "success": pa.bool_(),
    }
    with replace_file(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, pa.schema(list(types.items()))), temporary)
