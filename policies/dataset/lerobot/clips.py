"""Stretches of video: checks that they belong to their episodes, and reading of their frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from policies.dataset.frame_size import MAX_PIXELS, is_too_large
from policies.dataset.lerobot.index.episodes import Clip, EpisodeIndexRow
from policies.dataset.lerobot.index.info import Feature
from policies.dataset.lerobot.video import VideoReader
from scenarios.common.errors import InputError

_TOLERANCE = 0.5  # of a frame period


class ClipReader:
    """Reader of frames by file and time; several episodes can be read at a time, each with a decoder of its own.

    Args:
        camera: The camera.
        fps: Frames per second, as the set states.
    """

    def __init__(self, camera: Feature, fps: float) -> None:
        self._camera = camera
        self._fps = fps
        self._idle: VideoReader | None = None  # kept, so that the next episode in the file goes on where it stopped

    def read(self, path: Path, times_s: np.ndarray) -> Iterator[np.ndarray]:
        """Decode the frames of a video at ascending times (t,), (H, W, 3) uint8 RGB each."""
        video = self._take(path)
        try:
            yield from video.read(times_s)
        finally:
            self.close()
            self._idle = video

    def close(self) -> None:
        """Close the file that isn't in use."""
        if self._idle is not None:
            self._idle.close()
        self._idle = None

    def _take(self, path: Path) -> VideoReader:
        if self._idle is not None and self._idle.path == path:
            video, self._idle = self._idle, None
            return video
        return open_video(path, self._camera, self._fps)


def open_video(path: Path, camera: Feature, fps: float) -> VideoReader:
    """Open a video whose frames are as the set states.

    Raises:
        InputError: It is missing, damaged, of another size, or depth.
    """
    if not path.is_file():
        raise InputError(f"the data set is incomplete: {path} is missing")
    video = VideoReader(path, fps)
    try:
        check_size(video.size, camera, path)
        if video.is_depth:
            raise InputError(f"{path} contains depth, not colours: give another camera in a mapping file ('camera: …')")
    except InputError:
        video.close()
        raise
    return video


def check_size(size: tuple[int, int], camera: Feature, where: object) -> None:
    """Check the (height, width) of a video or picture before it is decoded.

    Raises:
        InputError: It contradicts what the set states, or is too large.
    """
    if not camera.allows_size(size):
        stated = camera.size or (0, 0)
        place = f"episode {where.number} in {where.data}" if isinstance(where, EpisodeIndexRow) else f"{where}"
        raise InputError(
            f"{place} has frames of {size[0]}x{size[1]} pixels; the data set states {stated[0]}x{stated[1]} for "
            f"'{camera.name}'"
        )
    if is_too_large(size):
        raise InputError(f"frames of {size[0]}x{size[1]} pixels are too large: at most {MAX_PIXELS} pixels can be read")


def check_clips(episodes: Sequence[EpisodeIndexRow], camera: Feature, fps: float) -> None:
    """Check that every video exists, and that its episodes' stretches fit it and don't overlap.

    A frame too many can't be told from one that shifts all after it, so a video must end with its last episode.

    Raises:
        InputError: They don't fit.
    """
    by_path: dict[Path, list[tuple[Clip, EpisodeIndexRow]]] = {}
    for episode in episodes:
        if episode.clip is not None:
            by_path.setdefault(episode.clip.path, []).append((episode.clip, episode))
    for path, clips in by_path.items():
        clips.sort(key=lambda entry: entry[0].from_s)
        video = open_video(path, camera, fps)
        frames = video.frames
        video.close()
        _check_order(path, clips, fps)
        last, episode = clips[-1]
        end = round(last.from_s * fps) + episode.length
        if frames and frames != end:
            raise InputError(f"{path} has {frames} frames; the episodes in it end at frame {end}")


def _check_order(path: Path, clips: Sequence[tuple[Clip, EpisodeIndexRow]], fps: float) -> None:
    slack_s = _TOLERANCE / fps
    for clip, episode in clips:
        if clip.to_s is not None and abs(clip.to_s - clip.from_s - episode.length / fps) > slack_s:
            raise InputError(
                f"episode {episode.number} has {episode.length} frames, but {clip.to_s - clip.from_s:g} s of {path}, "
                f"which is {(clip.to_s - clip.from_s) * fps:.4g} frames"
            )
    for (clip, episode), (after, other) in pairwise(clips):
        if after.from_s < clip.from_s + episode.length / fps - slack_s:
            raise InputError(f"episodes {episode.number} and {other.number} share a stretch of {path}")
