"""The files of a run: their names, how they are read, and those that are written as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from scenarios.common.errors import InputError
from scenarios.common.files import replace_file, write_text
from sim.results.codec import from_json, parse_json, to_json
from sim.results.manifest import Manifest
from sim.results.row import EpisodeRow, column_types, read_row
from sim.results.summary.summary import Summary

MANIFEST = "manifest.json"
ROWS = "episodes.jsonl"
SUMMARY = "summary.json"
TABLE = "episodes.parquet"
VIDEOS = "videos"
REPORT = "report.html"
SUITE_FILE = "suite.yaml"
TRAJECTORIES = "trajectories.parquet"
FAILED_JOBS_LOG = "faults.log"
GROUP_ROWS = 10_000  # of the table, in memory at a time


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        InputError: It isn't valid JSON.
    """
    return parse_json(path.read_bytes(), f"'{path}'")


def write_parquet(path: Path, rows: Sequence[EpisodeRow]) -> None:
    """Write the rows as a table of the same columns, ``GROUP_ROWS`` at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in column_types().items()])
    with replace_file(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for first in range(0, len(rows), GROUP_ROWS):
            writer.write_table(_make_table(rows[first : first + GROUP_ROWS], schema))


def _make_table(rows: Sequence[EpisodeRow], schema: Any) -> Any:
    """Make a table of rows; as JSON lines, since pa.Table.from_pylist imports pandas, which takes a second."""
    from pyarrow.json import ParseOptions, ReadOptions, read_json

    lines = [json.dumps(to_json(row), allow_nan=False).encode() for row in rows]
    blocks = ReadOptions(block_size=max(1 << 20, *(len(line) + 2 for line in lines)))  # a row may not exceed one
    options = ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return read_json(BytesIO(b"\n".join(lines)), blocks, options)


@dataclass(frozen=True)
class Run:
    """The results of a run, without its videos."""

    path: Path
    """The run's folder."""
    manifest: Manifest
    rows: tuple[EpisodeRow, ...]
    """In the order in which they were written, block by block."""
    summary: Summary | None
    """None until the run has finished."""


def read_run(folder: str | Path) -> Run:
    """Read the folder of a run, finished or not.

    Raises:
        InputError: It isn't the folder of a run, or one of its files can't be read; names the file, and the line.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    return Run(path, manifest, tuple(iterate_rows(path)), read_summary(path))


def iterate_rows(folder: Path) -> Iterator[EpisodeRow]:
    """Read the rows of a run one by one; none if it has no file of rows.

    Raises:
        InputError: A line isn't a row; names the file and the line.
    """
    if (folder / ROWS).is_file():
        with (folder / ROWS).open("rb") as stream:
            yield from read_rows(stream, folder / ROWS)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run.

    Raises:
        InputError: There is none, or it can't be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"'{folder}' is not a run folder: it contains no {MANIFEST}")
    return from_json(Manifest, read_json(path), f"'{path}'")


def read_summary(folder: Path) -> Summary | None:
    """Read the summary of a run; None if the run has not written one.

    Raises:
        InputError: It can't be read.
    """
    path = folder / SUMMARY
    return from_json(Summary, read_json(path), f"'{path}'") if path.is_file() else None


def read_rows(stream: BinaryIO, path: Path) -> Iterator[EpisodeRow]:
    """Read complete lines; the stream is left where an incomplete last one of a killed process begins, if there is one.

    Raises:
        InputError: A line isn't a row; names the file and the line.
    """
    for number, line in enumerate(stream, start=1):
        if not line.endswith(b"\n"):
            stream.seek(-len(line), os.SEEK_CUR)
            return
        where = f"'{path}' line {number}"
        yield read_row(parse_json(line, where), where)
