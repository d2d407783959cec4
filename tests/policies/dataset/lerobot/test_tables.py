from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from policies.dataset.lerobot.layout import DATA_PATH, FileIndex
from policies.dataset.lerobot.tables import RollingTable, write_tasks


def test_rows_go_to_a_new_file_before_the_limit_and_to_a_new_chunk_after_so_many_files(tmp_path: Path) -> None:
    rolling = RollingTable(tmp_path, DATA_PATH, limit_mb=1, chunk_files=2)
    places = []
    for number in range(9):
        table = pa.table({"number": pa.array([number] * 50_000, pa.int64())})  # 400 kB: two to a file
        places.append(rolling.file_for(table.nbytes))
        rolling.write(table)
    rolling.close()
    files = [FileIndex(0, 0), FileIndex(0, 1), FileIndex(1, 0), FileIndex(1, 1), FileIndex(2, 0)]
    assert places == [file for file in files for _ in range(2)][:9]
    for number, place in enumerate(places):
        path = tmp_path / f"data/chunk-00{place.chunk}/file-00{place.file}.parquet"
        assert number in set(pq.read_table(path)["number"].to_pylist())


def test_rows_larger_than_the_limit_have_a_file_of_their_own(tmp_path: Path) -> None:
    rolling = RollingTable(tmp_path, DATA_PATH, limit_mb=1, chunk_files=1000)
    large = pa.table({"number": pa.array(range(200_000), pa.int64())})
    for place in (FileIndex(0, 0), FileIndex(0, 1)):
        assert rolling.file_for(large.nbytes) == place
        rolling.write(large)
    rolling.close()
    assert pq.read_table(tmp_path / "data/chunk-000/file-001.parquet").equals(large)


def test_tasks_keep_their_numbers(tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks.parquet", ["go left", "fahr zum roten Würfel"])
    table = pq.read_table(tmp_path / "tasks.parquet")
    assert table.to_pydict() == {"task_index": [0, 1], "task": ["go left", "fahr zum roten Würfel"]}
