from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.dataset.lerobot.clips import ClipReader, check_clips, check_size
from policies.dataset.lerobot.index.episodes import Clip, EpisodeIndexRow
from policies.dataset.lerobot.index.info import Feature
from scenarios.common.errors import InputError

from ..foreign import encode, paint

CAMERA = Feature("front", "video", (48, 64, 3), (), (48, 64), True, False)
FPS = 10.0


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "video.mp4"
    encode(path, [paint(0, k) for k in range(12)], FPS)
    return path


def row(video: Path, number: int, length: int, from_s: float, to_s: float | None = None) -> EpisodeIndexRow:
    return EpisodeIndexRow(number, length, (), Path("rows"), Clip(video, from_s, to_s))


def test_stretches_that_fill_a_video_or_leave_gaps_pass(video: Path) -> None:
    check_clips([row(video, 0, 5, 0.0, 0.5), row(video, 1, 7, 0.5, 1.2)], CAMERA, FPS)
    check_clips([row(video, 1, 4, 0.8), row(video, 0, 5, 0.0)], CAMERA, FPS)


@pytest.mark.parametrize(
    ("clips", "words"),
    [
        ([(0, 5, 0.0, None), (1, 7, 0.4, None)], "episodes 0 and 1 share a stretch"),
        ([(0, 5, 0.0, 0.9), (1, 7, 0.5, None)], "episode 0 has 5 frames, but 0.9 s of .*, which is 9 frames"),
        ([(0, 11, 0.0, None)], "has 12 frames; the episodes in it end at frame 11"),
        ([(0, 13, 0.0, None)], "has 12 frames; the episodes in it end at frame 13"),
    ],
)
def test_stretches_that_dont_fit_are_refused(video: Path, clips: list[tuple], words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_clips([row(video, *clip) for clip in clips], CAMERA, FPS)


def test_a_size_is_compared_and_bounded_before_anything_is_decoded() -> None:
    with pytest.raises(InputError, match="frames of 64x48 pixels; the data set states 48x64 for 'front'"):
        check_size((64, 48), CAMERA, "here")
    with pytest.raises(InputError, match="frames of 4096x4096 pixels are too large"):
        check_size((4096, 4096), Feature("front", "video", (), (), None, False, False), "here")


def test_a_video_of_single_numbers_is_depth(tmp_path: Path) -> None:
    encode(tmp_path / "depth.mkv", [paint(0, k) for k in range(3)], FPS, "ffv1", "gray16le")
    with pytest.raises(InputError, match="contains depth, not colours"):
        check_clips([row(tmp_path / "depth.mkv", 0, 3, 0.0)], CAMERA, FPS)


def test_episodes_of_one_video_can_be_read_at_the_same_time(video: Path) -> None:
    reader = ClipReader(CAMERA, FPS)
    streams = [reader.read(video, np.arange(start, start + 4) / FPS) for start in (0, 4, 8)]
    for step in range(4):
        for start, stream in zip((0, 4, 8), streams, strict=True):
            assert np.abs(next(stream).astype(float) - paint(0, start + step)).mean() < 8.0
    assert [list(stream) for stream in streams] == [[], [], []]
    assert np.abs(next(reader.read(video, np.array([0.5]))).astype(float) - paint(0, 5)).mean() < 8.0
    reader.close()
