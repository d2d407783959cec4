"""Reading of parquet files in pieces, with their damage told in a sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.common.errors import InputError

_READ_BYTES = 1 << 20  # of a column at a time, so that a row group of images isn't loaded as a whole


@contextlib.contextmanager
def open_parquet(path: Path, columns: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    """Open a parquet file that must have these columns.

    Raises:
        InputError: It is missing, truncated, or lacks one of ``columns``; errors while it is open are raised as this,
            too.
    """
    if not path.is_file():
        raise InputError(f"the data set is incomplete: {path} is missing")
    try:
        with pq.ParquetFile(path, buffer_size=_READ_BYTES, pre_buffer=False) as file:
            present = set(file.schema_arrow.names)
            for column in columns:
                if column not in present:
                    raise InputError(f"{path} lacks the column '{column}'")
            yield file
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # text that isn't UTF-8 is a ValueError
        raise InputError(f"{path} is not a readable parquet file ({error}); it may be truncated") from error


def read_records(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Read columns of a parquet file as a dictionary for each row, those of ``optional`` if it has them.

    Raises:
        InputError: It is missing, truncated, or lacks one of ``columns``.
    """
    with open_parquet(path, columns) as file:
        present = set(file.schema_arrow.names)
        table = file.read(columns=[*columns, *(name for name in optional if name in present)])
        records: list[dict[str, Any]] = table.to_pylist()
        return records


class RowReader:
    """Reader of consecutive rows; it keeps one row group, since the next episode is often in the same.

    Args:
        columns: Columns to read; those that a file lacks are left out.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._kept: tuple[Path, int, pa.Table] | None = None

    def read(self, path: Path, first: int, count: int) -> pa.Table:
        """Read the rows ``first`` to ``first + count - 1`` of a file.

        Raises:
            InputError: The file is damaged.
        """
        with open_parquet(path) as file:
            present = set(file.schema_arrow.names)
            columns = [name for name in self._columns if name in present]
            parts, start = [], 0
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                if start < first + count and end > first:
                    low, high = max(first, start) - start, min(first + count, end) - start
                    parts.append(self._read_group(path, group, file, columns).slice(low, high - low))
                start = end
        return pa.concat_tables(parts)

    def _read_group(self, path: Path, group: int, file: pq.ParquetFile, columns: list[str]) -> pa.Table:
        if self._kept is None or self._kept[:2] != (path, group):
            self._kept = (path, group, file.read_row_group(group, columns=columns))
        return self._kept[2]


def read_numbers(column: pa.ChunkedArray, size: int, where: str) -> np.ndarray:
    """Return a column of numbers, or of lists of ``size`` numbers, as an array (n, size).

    Raises:
        InputError: It contains something else, gaps, or rows of another size.
    """
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # no rows
        values = pa.concat_arrays(values.chunks) if values.chunks else pa.array([], column.type)
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or pa.types.is_fixed_size_list(values.type):
        if values.null_count or (to_numpy(values.value_lengths()) != size).any():
            raise InputError(f"{where} has gaps or rows of another size; expected {size} numbers in each row")
        values = values.flatten()
    kind = values.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        raise InputError(f"{where} contains {kind}; expected numbers")
    if values.null_count or len(values) != len(column) * size:
        raise InputError(f"{where} has gaps; expected {size} numbers in each row")
    return to_numpy(values).reshape(-1, size)


def to_numpy(values: pa.Array) -> np.ndarray:
    """Return numbers or booleans without gaps as an array (n,); Arrow's own conversion would import pandas."""
    plain = values.cast(pa.uint8()) if pa.types.is_boolean(values.type) else values
    array: np.ndarray = np.from_dlpack(plain)
    return array
