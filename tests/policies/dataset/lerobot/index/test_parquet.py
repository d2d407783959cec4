from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.dataset.lerobot.index.parquet import RowReader, read_numbers, read_records
from scenarios.common.errors import InputError


def test_only_the_named_columns_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4], "c": [5, 6]}), path)
    assert read_records(path, ["a"], ("c", "d")) == [{"a": 1, "c": 5}, {"a": 2, "c": 6}]


@pytest.mark.parametrize(
    ("content", "complaint"), [(None, "is missing"), (b"PAR1", "truncated"), (b"\0" * 100, "not a readable parquet")]
)
def test_a_parquet_file_that_cant_be_read_is_bad_input(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "some.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=complaint):
        read_records(path, ["a"])


def test_text_that_is_none_is_bad_input(tmp_path: Path) -> None:
    broken = pa.array([b"\xff\xfe"]).cast(pa.string(), safe=False)
    pq.write_table(pa.table({"a": broken}), tmp_path / "some.parquet")
    with pytest.raises(InputError, match="not a readable parquet"):
        read_records(tmp_path / "some.parquet", ["a"])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(InputError, match="lacks the column 'b'"):
        read_records(path, ["a", "b"])


@pytest.mark.parametrize("group_rows", [1, 3, 100])
def test_rows_are_those_of_the_whole_table_whatever_the_row_groups(tmp_path: Path, group_rows: int) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(pa.table({"a": range(10), "b": range(10)}), path, row_group_size=group_rows)
    reader = RowReader(["a", "missing"])
    for first, count in ((0, 10), (2, 5), (9, 1), (0, 1)):
        assert reader.read(path, first, count).to_pydict() == {"a": list(range(first, first + count))}


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.float32()), pa.list_(pa.float64(), 2), pa.large_list(pa.int16())], ids=str
)
def test_vectors_of_every_kind_of_list_are_numbers(kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array([[1, 2], [3, 4]], kind), pa.array([[5, 6]], kind)])
    np.testing.assert_array_equal(read_numbers(column, 2, "here"), [[1, 2], [3, 4], [5, 6]])


def test_pandas_is_not_imported(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [True, False], "b": [[1.0], [2.0]]}), tmp_path / "some.parquet")
    code = (
        "import sys; from pathlib import Path; from policies.dataset.lerobot.index.parquet import *\n"
        f"table = RowReader(['a', 'b']).read(Path({str(tmp_path / 'some.parquet')!r}), 0, 2)\n"
        "assert [read_numbers(table[name], 1, name).tolist() for name in 'ab'] == [[[1], [0]], [[1.0], [2.0]]]\n"
        "print('pandas' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ([[1.0, 2.0, 3.0], [4.0]], "rows of another size"),  # as many numbers as two rows of two
        ([[1.0, 2.0], None], "gaps"),
        ([[1.0, None], [2.0, 3.0]], "gaps"),
        ([["a", "b"], ["c", "d"]], "contains string; expected numbers"),
    ],
)
def test_ragged_rows_and_gaps_are_refused(values: list, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_numbers(pa.chunked_array([pa.array(values)]), 2, "column 'action'")
