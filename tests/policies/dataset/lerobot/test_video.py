from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from policies.dataset.lerobot.layout import VIDEO_PATH, FileIndex, file_path
from policies.dataset.lerobot.video import RollingVideo, VideoReader, VideoSegment
from scenarios.common.errors import InputError

from ..conftest import smooth_frames

FPS = 10
LENGTHS = (5, 1, 12)
FIRST = FileIndex(0, 0)


def _path(root: Path, place: FileIndex = FIRST) -> Path:
    return file_path(root, VIDEO_PATH, place)


def _encode(root: Path, episodes: list[np.ndarray], **options: int) -> list[VideoSegment]:
    video = RollingVideo(root, fps=Fraction(FPS), **{"limit_mb": 200, "chunk_files": 1000, **options})
    segments = [video.add(pixels) for pixels in episodes]
    video.close()
    return segments


def _error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.fixture(scope="module")
def episodes() -> list[np.ndarray]:
    return [smooth_frames(length, 32, phase=number) for number, length in enumerate(LENGTHS)]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, episodes: list[np.ndarray]) -> tuple[Path, list[VideoSegment]]:
    root = tmp_path_factory.mktemp("video")
    return _path(root), _encode(root, episodes)


def _read(reader: VideoReader, segment: VideoSegment, length: int) -> np.ndarray:
    return np.stack(list(reader.read(segment.from_s + np.arange(length) / FPS)))


def test_episodes_follow_each_other_without_gaps(video) -> None:
    segments = video[1]
    assert {segment.place for segment in segments} == {FIRST}
    bounds = np.cumsum([0, *LENGTHS]) / FPS
    assert [segment.from_s for segment in segments] == pytest.approx(bounds[:-1])
    assert [segment.to_s for segment in segments] == pytest.approx(bounds[1:])


def test_the_reader_knows_the_number_and_the_size_of_the_frames(video) -> None:
    reader = VideoReader(video[0], FPS)
    assert (reader.frames, reader.size) == (sum(LENGTHS), (32, 32))
    reader.close()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 2)])
def test_every_episode_is_found_in_any_order(video, episodes, order: tuple[int, ...]) -> None:
    path, segments = video
    reader = VideoReader(path, FPS)
    for number in order:
        read = _read(reader, segments[number], LENGTHS[number])
        assert read.shape == episodes[number].shape
        assert _error(read, episodes[number]) < 3.0
    reader.close()


def test_a_frame_is_nearest_to_its_own_original(video, episodes) -> None:
    path, segments = video
    reader = VideoReader(path, FPS)
    for k, frame in enumerate(_read(reader, segments[2], LENGTHS[2])):
        errors = [_error(frame, original) for original in episodes[2]]
        assert int(np.argmin(errors)) == k
    reader.close()


def test_a_time_between_two_frames_has_none_and_one_close_to_a_frame_has_it(video) -> None:
    reader = VideoReader(video[0], FPS)
    with pytest.raises(InputError, match=r"has no frame at 0\.150 s"):
        list(reader.read(np.array([0.15])))
    assert np.array_equal(next(reader.read(np.array([0.12]))), next(reader.read(np.array([0.1]))))
    reader.close()


def test_a_time_beyond_the_end_is_bad_input_and_the_reader_goes_on(video, episodes) -> None:
    reader = VideoReader(video[0], FPS)
    with pytest.raises(InputError, match="is damaged or truncated: no frame at"):
        list(reader.read(np.array([1.7, 1.8])))
    assert _error(_read(reader, video[1][0], LENGTHS[0]), episodes[0]) < 3.0
    reader.close()


def test_a_file_beyond_the_limit_is_followed_by_a_new_one(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 64, 64, 3)).astype(np.uint8)
    segments = _encode(tmp_path, list(noise), limit_mb=0, chunk_files=2)
    assert [segment.place for segment in segments] == [FileIndex(0, 0), FileIndex(0, 1), FileIndex(1, 0)]
    assert all(segment.from_s == 0.0 for segment in segments)
    assert all(_path(tmp_path, segment.place).is_file() for segment in segments)


def test_equal_frames_make_equal_bytes(tmp_path: Path, video, episodes) -> None:
    _encode(tmp_path, episodes)
    assert _path(tmp_path).read_bytes() == video[0].read_bytes()


def test_an_abandoned_file_is_closed_and_can_be_deleted(tmp_path: Path, episodes) -> None:
    video = RollingVideo(tmp_path, fps=Fraction(FPS), limit_mb=200, chunk_files=1000)
    video.add(episodes[0])
    video.abandon()
    video.close()
    _path(tmp_path).unlink()


@pytest.mark.parametrize("content", [b"", b"not a video", bytes(5000)])
def test_a_file_that_is_no_video_is_bad_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a readable video"):
        VideoReader(path, FPS)
