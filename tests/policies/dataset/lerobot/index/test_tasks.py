from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.dataset.lerobot.index.tasks import read_tasks
from policies.dataset.lerobot.tables import write_tasks
from scenarios.common.errors import InputError

TEXTS = {0: "go left", 1: "go right"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "meta").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["task", "__index_level_0__", "text"])
def test_texts_are_found_whatever_pandas_named_their_column(root: Path, name: str) -> None:
    pq.write_table(pa.table({"task_index": [1, 0], name: ["go right", "go left"]}), root / "meta/tasks.parquet")
    assert read_tasks(root) == TEXTS


def test_our_own_tasks_are_read_back(root: Path) -> None:
    write_tasks(root / "meta/tasks.parquet", list(TEXTS.values()))
    assert read_tasks(root) == TEXTS


def test_lines_of_version_2_are_read_and_none_are_none(root: Path) -> None:
    assert read_tasks(root) is None
    (root / "meta/tasks.jsonl").write_text(
        '{"task_index": 0, "task": "go left"}\n\n{"task_index": 1, "task": "go right"}\n'
    )
    assert read_tasks(root) == TEXTS


def test_damage_is_bad_input(root: Path) -> None:
    (root / "meta/tasks.jsonl").write_text('{"task": "go"}')
    with pytest.raises(InputError, match=r"tasks\.jsonl is not readable"):
        read_tasks(root)
    pq.write_table(pa.table({"task_index": [1], "a": ["x"], "b": ["y"]}), root / "meta/tasks.parquet")
    with pytest.raises(InputError, match="has the columns task_index, a, b; expected 'task_index' and 'task'"):
        read_tasks(root)
