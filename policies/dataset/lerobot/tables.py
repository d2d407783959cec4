"""Writers of parquet files: a table that continues in a new file, and the table of tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from policies.dataset.lerobot.layout import FileIndex, file_path

# Rows are buffered up to either limit, then written as one row group. Many small tables would cost memory.
_BUFFER_BYTES = 8 << 20
_BUFFER_TABLES = 64


class RollingTable:
    """Writer of rows of one schema to as many parquet files as their size needs.

    Size is counted in memory, before compression, so the files' boundaries depend only on the rows.
    """

    def __init__(self, root: Path, template: str, *, limit_mb: int, chunk_files: int) -> None:
        self._root = root
        self._template = template
        self._limit_bytes = limit_mb << 20
        self._chunk_files = chunk_files
        self._place = FileIndex(0, 0)
        self._writer: pq.ParquetWriter | None = None
        self._pending: list[pa.Table] = []
        self._pending_bytes = 0
        self._file_bytes = 0

    def file_for(self, size_bytes: int) -> FileIndex:
        """Return the file for the next ``size_bytes`` of rows; a new one if the current one would get too large."""
        if self._file_bytes and self._file_bytes + size_bytes > self._limit_bytes:
            self.close()
            self._place = self._place.next_file(self._chunk_files)
        return self._place

    def write(self, table: pa.Table) -> None:
        """Append rows to the file that ``file_for`` returned last."""
        self._pending.append(table)
        self._pending_bytes += table.nbytes
        self._file_bytes += table.nbytes
        if self._pending_bytes >= _BUFFER_BYTES or len(self._pending) >= _BUFFER_TABLES:
            self._flush()

    def close(self) -> None:
        """Finish the current file."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        self._file_bytes = 0

    def abandon(self) -> None:
        """Close the current file, which will be deleted."""
        self._pending = []
        self.close()

    def _flush(self) -> None:
        if not self._pending:
            return
        table = pa.concat_tables(self._pending).combine_chunks()
        if self._writer is None:
            path = file_path(self._root, self._template, self._place)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(path, schema=table.schema, compression="snappy")
        self._writer.write_table(table)
        self._pending = []
        self._pending_bytes = 0


def write_tasks(path: Path, tasks: Sequence[str]) -> None:
    """Write ``tasks.parquet``: a number for each task, indexed by its text.

    LeRobot reads this file with pandas and expects the text as the index, which parquet represents only in pandas'
    metadata. Its form: https://pandas.pydata.org/docs/development/developer.html
    """
    text = {"field_name": "task", "name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": None}
    number = {"field_name": "task_index", "name": "task_index", "pandas_type": "int64", "numpy_type": "int64"}
    pandas = {
        "index_columns": ["task"],
        "column_indexes": [
            {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object", "metadata": None}
        ],
        "columns": [{**number, "metadata": None}, text],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.0",
    }
    schema = pa.schema([("task_index", pa.int64()), ("task", pa.string())], metadata={"pandas": json.dumps(pandas)})
    pq.write_table(pa.table([range(len(tasks)), list(tasks)], schema=schema), path)
