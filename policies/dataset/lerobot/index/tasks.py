"""The texts of a data set's tasks, by their numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from policies.dataset.lerobot import layout
from policies.dataset.lerobot.index.parquet import open_parquet, read_records
from scenarios.common.errors import InputError


def read_tasks(root: Path) -> dict[int, str] | None:
    """Read ``meta/tasks.parquet``, or ``meta/tasks.jsonl`` of earlier versions; None if there is neither.

    Raises:
        InputError: The file is damaged.
    """
    table, lines = root / layout.TASKS_PATH, root / layout.TASKS_LINES_PATH
    if table.is_file():
        return _read_table(table)
    return dict(_read_lines(lines)) if lines.is_file() else None


def _read_table(path: Path) -> dict[int, str]:
    """Read the numbers, and the texts from the only column of text: pandas names it as its index was named."""
    with open_parquet(path, ["task_index"]) as file:
        schema = file.schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    named = [name for name in texts if name in ("task", "__index_level_0__")]
    if len(named or texts) != 1:
        raise InputError(f"{path} has the columns {', '.join(schema.names)}; expected 'task_index' and 'task'")
    text = (named or texts)[0]
    records = read_records(path, ["task_index", text])
    return {int(row["task_index"]): str(row[text] or "") for row in records if row["task_index"] is not None}


def _read_lines(path: Path) -> list[tuple[int, str]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [(int(row["task_index"]), str(row["task"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is not readable ({error!r}); expected lines with 'task_index' and 'task'") from error
