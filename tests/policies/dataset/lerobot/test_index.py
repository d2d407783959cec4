from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.dataset import DatasetWriter, Demonstration
from policies.dataset.lerobot.index import open_parquet, read_episodes, read_info
from policies.dataset.lerobot.layout import ACTION, DATA_PATH, EPISODES_PATH, EXECUTED, INFO_PATH, VIDEO_PATH, FileIndex
from scenarios.common.errors import InputError

from ..conftest import make

LENGTHS = (4, 1, 3)
EPISODES = EPISODES_PATH.format(chunk_index=0, file_index=0)


@pytest.fixture(scope="module")
def originals() -> list[Demonstration]:
    return [make(length, number, 16) for number, length in enumerate(LENGTHS)]


@pytest.fixture
def root(tmp_path: Path, originals: list[Demonstration]) -> Path:
    with DatasetWriter(tmp_path / "set", fps=5) as writer:
        for each in originals:
            writer.add(each)
    return tmp_path / "set"


def _edit_info(root: Path, **changes: Any) -> None:
    path = root / INFO_PATH
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_the_info_is_what_was_written(root: Path) -> None:
    info = read_info(root)
    assert (info.fps, info.episodes, info.frames) == (5.0, len(LENGTHS), sum(LENGTHS))
    assert info.features >= {ACTION, EXECUTED}
    assert (info.data_path, info.video_path) == (DATA_PATH, VIDEO_PATH)


def test_an_episode_without_executed_actions_is_no_less_a_data_set(root: Path) -> None:
    features = json.loads((root / INFO_PATH).read_text())["features"]
    del features[EXECUTED]
    _edit_info(root, features=features)
    assert EXECUTED not in read_info(root).features


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"codebase_version": "v2.1"}, "codebase_version 'v2.1'; only 'v3.0' can be read"),
        ({"fps": True}, "fps True; expected frames per second"),
        ({"fps": 0.001}, "fps 0.001"),
        ({"total_frames": 0}, "states 3 episodes and 0 frames"),
        ({"features": {}}, "lacks the feature 'observation.images.front'; it has none"),
        ({"data_path": "/etc/passwd"}, "leaves the data set's folder"),
    ],
)
def test_an_info_that_cant_be_used_is_bad_input(root: Path, changes: dict[str, Any], complaint: str) -> None:
    _edit_info(root, **changes)
    with pytest.raises(InputError, match=complaint):
        read_info(root)


def test_episodes_follow_each_other_in_the_video_and_keep_their_facts(
    root: Path, originals: list[Demonstration]
) -> None:
    episodes = read_episodes(root, read_info(root))
    start = 0
    for episode, original in zip(episodes, originals, strict=True):
        assert (episode.length, episode.instruction) == (original.length, original.instruction)
        assert (episode.scene, episode.source, episode.success) == (original.scene, original.source, original.success)
        assert episode.data == episode.video == FileIndex(0, 0)
        assert episode.from_s == pytest.approx(start / 5)
        start += episode.length


def test_episodes_of_several_files_are_read_in_order(root: Path) -> None:
    table = pq.read_table(root / EPISODES)
    pq.write_table(table.slice(0, 1), root / EPISODES)
    second = root / EPISODES_PATH.format(chunk_index=0, file_index=1)
    pq.write_table(table.slice(1), second)
    assert tuple(episode.length for episode in read_episodes(root, read_info(root))) == LENGTHS


def test_rows_that_contradict_the_info_are_bad_input(root: Path) -> None:
    _edit_info(root, total_frames=9)
    with pytest.raises(InputError, match=r"have 8 frames; meta/info\.json states 9"):
        read_episodes(root, read_info(root))
    _edit_info(root, total_episodes=2)
    with pytest.raises(InputError, match="lists 3 episodes; expected 0 to 1 in order"):
        read_episodes(root, read_info(root))


def test_only_the_named_columns_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4], "c": [5, 6]}), path)
    assert open_parquet(path, ["a"], ("c", "d")).to_pydict() == {"a": [1, 2], "c": [5, 6]}


@pytest.mark.parametrize(
    ("content", "complaint"), [(None, "is missing"), (b"PAR1", "truncated"), (b"\0" * 100, "not a readable parquet")]
)
def test_a_parquet_file_that_cant_be_read_is_bad_input(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "some.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=complaint):
        open_parquet(path, ["a"])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(InputError, match="lacks the column 'b'"):
        open_parquet(path, ["a", "b"])
