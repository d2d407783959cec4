from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.dataset.lerobot.index.episodes import EpisodeIndexRow
from policies.dataset.lerobot.index.segments import describe_tasks, list_segments
from policies.dataset.mapping.mapping import Instruction
from scenarios.common.errors import InputError

TASKS = {0: "go left", 1: "go right"}
ROWS = {"episode_index": [0, 0, 0, 1, 1], "task_index": [0, 0, 1, 1, 1], "words": ["a", "b", "b", "c", "c"]}


def write(path: Path, **changes: object) -> Path:
    table = {name: values for name, values in {**ROWS, **changes}.items() if values is not None}
    pq.write_table(pa.table(table), path)
    return path


def episodes(path: Path, *tasks: tuple[str, ...]) -> list[EpisodeIndexRow]:
    listed = tasks or (("go left", "go right"), ("go right",))
    return [EpisodeIndexRow(number, length, listed[number], path, None) for number, length in enumerate((3, 2))]


def parts(segments: object) -> list[tuple[int, int, int, int, str]]:
    return [(each.episode.number, each.first_row, each.offset, each.length, each.instruction) for each in segments]  # type: ignore[attr-defined]


def test_each_part_of_an_episode_with_one_task_is_a_segment(tmp_path: Path) -> None:
    found = list_segments(episodes(write(tmp_path / "a")), TASKS, Instruction(), [])
    assert parts(found) == [(0, 0, 0, 2, "go left"), (0, 2, 2, 1, "go right"), (1, 3, 0, 2, "go right")]
    assert [segment.is_last for segment in found] == [False, True, True]
    assert [note.name for note in describe_tasks(found, is_given=False)] == ["several tasks"]


def test_an_instruction_for_all_makes_every_episode_whole(tmp_path: Path) -> None:
    found = list_segments(episodes(write(tmp_path / "a")), None, Instruction(text="go"), [])
    assert parts(found) == [(0, 0, 0, 3, "go"), (1, 3, 0, 2, "go")]


def test_another_column_may_hold_the_words(tmp_path: Path) -> None:
    found = list_segments(episodes(write(tmp_path / "a")), TASKS, Instruction(source="words"), [])
    assert [segment.instruction for segment in found] == ["a", "b", "c"]


def test_without_numbers_of_tasks_the_only_listed_task_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "a", task_index=None)
    found = list_segments(episodes(path, ("one",), ("two",)), TASKS, Instruction(), [])
    assert [segment.instruction for segment in found] == ["one", "two"]
    with pytest.raises(InputError, match=r"episode 0 .* the task None, which the list of tasks lacks"):
        list_segments(episodes(path), TASKS, Instruction(), [])


def test_texts_that_contradict_the_list_of_episodes_are_told(tmp_path: Path) -> None:
    found = list_segments(episodes(write(tmp_path / "a")), {0: "left!", 1: "go right"}, Instruction(), [])
    assert found[0].instruction == "left!"
    assert "in 1 episodes" in describe_tasks(found, is_given=False)[1].sentence


@pytest.mark.parametrize(
    ("changes", "tasks", "complaint"),
    [
        ({"episode_index": [0, 0, 1, 1, 1]}, TASKS, "has 2 rows of episode 0; expected 3"),
        ({"episode_index": [0, 0, 1, 0, 1]}, TASKS, "rows of episode 0 in .* are not together"),
        ({"episode_index": [0, 0, None, 1, 1]}, TASKS, "has gaps"),
        ({}, {0: "go left"}, "the task 1, which the list of tasks lacks"),
        ({}, {0: "go left", 1: " "}, "episode 0 in .* has an empty instruction"),
        ({"episode_index": None}, TASKS, "lacks the column 'episode_index'"),
    ],
)
def test_rows_that_contradict_are_bad_input(tmp_path: Path, changes: dict, tasks: dict, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        list_segments(episodes(write(tmp_path / "a", **changes)), tasks, Instruction(), [])
