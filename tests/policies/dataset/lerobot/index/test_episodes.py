from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from policies.dataset import DatasetWriter, Demonstration
from policies.dataset.lerobot.index.episodes import read_episodes
from policies.dataset.lerobot.index.info import read_info
from policies.dataset.lerobot.layout import DATA_PATH, EPISODES_PATH, IMAGE, INFO_PATH, VIDEO_PATH, FileIndex, file_path
from scenarios.common.errors import InputError

from ...conftest import make
from .test_info import LENGTHS, edit_info

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


def test_episodes_follow_each_other_in_the_video_and_keep_their_facts(
    root: Path, originals: list[Demonstration]
) -> None:
    episodes = read_episodes(root, read_info(root), IMAGE)
    start = 0
    for episode, original in zip(episodes, originals, strict=True):
        assert (episode.length, episode.tasks) == (original.length, (original.instruction,))
        assert (episode.scene, episode.source, episode.success) == (original.scene, original.source, original.success)
        assert episode.data == file_path(root, DATA_PATH, FileIndex(0, 0))
        assert episode.clip is not None
        assert episode.clip.path == file_path(root, VIDEO_PATH, FileIndex(0, 0))
        assert episode.clip.from_s == pytest.approx(start / 5)
        start += episode.length
        assert episode.clip.to_s == pytest.approx(start / 5)


def test_episodes_of_several_files_are_read_in_order_of_their_numbers(root: Path) -> None:
    table = pq.read_table(root / EPISODES)
    pq.write_table(table.slice(1), root / EPISODES)
    second = root / EPISODES_PATH.format(chunk_index=0, file_index=1)
    pq.write_table(table.slice(0, 1), second)
    assert tuple(episode.length for episode in read_episodes(root, read_info(root), IMAGE)) == LENGTHS


def test_rows_that_contradict_the_info_are_bad_input(root: Path) -> None:
    edit_info(root, total_frames=9)
    with pytest.raises(InputError, match=r"have 8 frames; meta/info\.json states 9"):
        read_episodes(root, read_info(root), IMAGE)
    edit_info(root, total_episodes=2)
    with pytest.raises(InputError, match=r"3 different episodes in 3 rows; meta/info\.json states 2"):
        read_episodes(root, read_info(root), IMAGE)


def as_v2(root: Path, lines: str, videos: bool = True) -> None:
    features = json.loads((root / INFO_PATH).read_text())["features"]
    edit_info(
        root,
        codebase_version="v2.1",
        chunks_size=2,
        data_path="data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        video_path="videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4" if videos else None,
        features=features if videos else {**features, IMAGE: {**features[IMAGE], "dtype": "image"}},
    )
    (root / "meta/episodes.jsonl").write_text(lines)


def test_an_episode_of_version_2_has_files_of_its_own(root: Path) -> None:
    rows = [{"episode_index": number, "tasks": ["go"], "length": length} for number, length in enumerate(LENGTHS)]
    as_v2(root, "\n".join(map(json.dumps, rows)))
    last = read_episodes(root, read_info(root), IMAGE)[2]
    assert last.data == root / "data/chunk-001/episode_000002.parquet"
    assert last.clip is not None
    assert (last.clip.path, last.clip.from_s) == (root / f"videos/chunk-001/{IMAGE}/episode_000002.mp4", 0.0)
    as_v2(root, "\n".join(map(json.dumps, rows)), videos=False)
    assert read_episodes(root, read_info(root), IMAGE)[2].clip is None


@pytest.mark.parametrize("lines", ["{", "[]", '{"episode_index": 0}', '{"episode_index": 0, "length": -1}'])
def test_damaged_lines_of_version_2_are_bad_input(root: Path, lines: str) -> None:
    as_v2(root, lines)
    with pytest.raises(InputError, match=r"episodes\.jsonl"):
        read_episodes(root, read_info(root), IMAGE)
    (root / "meta/episodes.jsonl").unlink()
    with pytest.raises(InputError, match=r"episodes\.jsonl is missing"):
        read_episodes(root, read_info(root), IMAGE)
