"""What is read as one episode: consecutive rows of a recorded episode with one instruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from policies.dataset.demonstration import DatasetNote
from policies.dataset.lerobot.index.episodes import EpisodeIndexRow
from policies.dataset.lerobot.index.parquet import open_parquet, to_numpy
from policies.dataset.mapping.mapping import Instruction
from scenarios.common.errors import InputError

_BATCH_ROWS = 1 << 16


@dataclass(frozen=True)
class Segment:
    """Consecutive frames of an episode with one instruction; most often the whole episode."""

    episode: EpisodeIndexRow
    first_row: int
    """Row of its first frame in the episode's parquet file."""
    offset: int
    """Number of its first frame in the episode."""
    length: int
    instruction: str

    @property
    def is_last(self) -> bool:
        """Whether the episode ends with it."""
        return self.offset + self.length == self.episode.length


class RowRun(NamedTuple):
    """Consecutive rows of a parquet file that belong to one episode and one task."""

    episode: int
    task: int | str | None
    first: int
    length: int


def list_segments(
    episodes: Sequence[EpisodeIndexRow],
    tasks: Mapping[int, str] | None,
    instruction: Instruction,
    columns: Sequence[str],
) -> tuple[Segment, ...]:
    """Find the rows and the instructions of all episodes, in order.

    Args:
        episodes: The episodes.
        tasks: Texts of the tasks; None if the set has none.
        instruction: Where the instructions come from.
        columns: Columns that every parquet file must have.

    Raises:
        InputError: Rows are missing or not together, or an instruction can't be found.
    """
    runs: dict[Path, dict[int, list[RowRun]]] = {}
    found: list[Segment] = []
    for episode in episodes:
        if episode.data not in runs:
            runs = {episode.data: _scan_runs(episode.data, columns, instruction)}  # one file at a time
        found += _split_episode(episode, runs[episode.data].get(episode.number, []), tasks, instruction)
    return tuple(found)


def describe_tasks(segments: Sequence[Segment], *, is_given: bool) -> list[DatasetNote]:
    """Say where episodes have several tasks, and where the tasks' texts contradict the list of episodes."""
    notes = []
    several = {segment.episode.number for segment in segments if segment.length < segment.episode.length}
    if several:
        notes.append(
            DatasetNote(
                "several tasks",
                f"{len(several)} recorded episodes have several tasks: each part with its own instruction is read as "
                "an episode",
            )
        )
    edited = {
        segment.episode.number
        for segment in segments
        if segment.episode.tasks and segment.instruction not in segment.episode.tasks
    }
    if edited and not is_given:
        notes.append(
            DatasetNote(
                "edited tasks",
                f"the tasks' texts differ from the list of episodes in {len(edited)} episodes: the former count, as in "
                "LeRobot",
            )
        )
    return notes


def _scan_runs(path: Path, columns: Sequence[str], instruction: Instruction) -> dict[int, list[RowRun]]:
    """Find the runs of each episode in a file, from two columns that are read in pieces."""
    runs: list[RowRun] = []
    with open_parquet(path, ["episode_index", *columns]) as file:
        key = None if instruction.text is not None else instruction.source or "task_index"
        if instruction.source is None and key not in file.schema_arrow.names:
            key = None
        wanted = ["episode_index"] if key is None else ["episode_index", key]
        for batch in file.iter_batches(_BATCH_ROWS, columns=wanted):
            if batch.column(0).null_count:
                raise InputError(f"column 'episode_index' of {path} has gaps")
            numbers = to_numpy(batch.column(0))
            if len(numbers):
                _extend_runs(runs, numbers, None if key is None else _read_keys(batch.column(1)))
    found: dict[int, list[RowRun]] = {}
    for run in runs:
        found.setdefault(run.episode, []).append(run)
    return found


def _read_keys(column: pa.Array) -> np.ndarray:
    """Return the numbers or texts of tasks (n,); some sets keep each in a list of one."""
    if pa.types.is_integer(column.type) and not column.null_count:
        return to_numpy(column)
    keys = np.empty(len(column), dtype=object)
    keys[:] = [_scalar(value) for value in column.to_pylist()]
    return keys


def _scalar(value: object) -> int | str | None:
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, int | str) else None


def _extend_runs(runs: list[RowRun], numbers: np.ndarray, tasks: np.ndarray | None) -> None:
    """Append the runs of the next rows; the first may continue the last one."""
    change = numbers[1:] != numbers[:-1]
    if tasks is not None:
        change = change | (tasks[1:] != tasks[:-1])
    starts = [0, *(np.flatnonzero(change) + 1).tolist(), len(numbers)]
    done = runs[-1].first + runs[-1].length if runs else 0
    for start, end in pairwise(starts):
        task = None if tasks is None else tasks[start]
        task = int(task) if isinstance(task, np.integer) else task
        run = RowRun(int(numbers[start]), task, done + start, end - start)
        if runs and runs[-1][:2] == run[:2]:
            runs[-1] = runs[-1]._replace(length=runs[-1].length + run.length)
        else:
            runs.append(run)


def _split_episode(
    episode: EpisodeIndexRow, runs: Sequence[RowRun], tasks: Mapping[int, str] | None, instruction: Instruction
) -> list[Segment]:
    count = sum(run.length for run in runs)
    if count != episode.length:
        raise InputError(f"{episode.data} has {count} rows of episode {episode.number}; expected {episode.length}")
    if any(run.first + run.length != after.first for run, after in pairwise(runs)):
        raise InputError(f"the rows of episode {episode.number} in {episode.data} are not together")
    first = runs[0].first
    return [
        Segment(episode, run.first, run.first - first, run.length, _find_text(episode, run.task, tasks, instruction))
        for run in runs
    ]


def _find_text(
    episode: EpisodeIndexRow, task: int | str | None, tasks: Mapping[int, str] | None, instruction: Instruction
) -> str:
    """Return the instruction of a run, as LeRobot does: by the number of its task."""
    text: str | None = instruction.text
    if text is None and isinstance(task, str):
        text = task
    if text is None and task is None and instruction.source is None and len(episode.tasks) == 1:
        text = episode.tasks[0]
    if text is None and isinstance(task, int) and tasks is not None:
        text = tasks.get(task)
    if text is None or not text.strip():
        what = "an empty instruction" if text is not None else f"the task {task!r}, which the list of tasks lacks"
        raise InputError(
            f"episode {episode.number} in {episode.data} has {what}: give one in a mapping file ('instruction: …')"
        )
    return text
