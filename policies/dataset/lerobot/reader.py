"""Reader of LeRobot data sets: checked when opened, read one episode at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from policies.dataset import scene_files
from policies.dataset.captions import CaptionFile
from policies.dataset.demonstration import STATE_SIZE, Demonstration, EpisodeInfo
from policies.dataset.lerobot import layout
from policies.dataset.lerobot.index import open_parquet, read_episodes, read_info
from policies.dataset.lerobot.layout import FileIndex, file_path
from policies.dataset.lerobot.video import VideoReader
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE


@dataclass(frozen=True)
class _DataFile:
    """The columns of one data file, with one row per frame."""

    episode: np.ndarray  # (n,)
    time_s: np.ndarray  # (n,) since the episode's first frame
    state: np.ndarray  # (n, 6)
    action: np.ndarray  # (n, 3)
    executed: np.ndarray  # (n, 3)
    success: np.ndarray | None  # (n,)
    noise_burst: np.ndarray | None  # (n,)
    clearance_m: np.ndarray | None  # (n,)


class Dataset:
    """A LeRobot v3.0 data set, written here or elsewhere.

    It needs the features ``observation.images.front`` (video), ``observation.state`` (6) and ``action`` (3). Data sets
    from elsewhere may lack the rest: then ``executed`` equals ``actions``, ``scene``, ``noise_burst`` and
    ``clearance_m`` are None, ``source`` is ``"unknown"``, and ``success`` is taken from ``next.success`` in the last
    row, or is None.

    Reading episodes in ascending order is fastest: each video is then decoded once, from front to back.

    Args:
        root: The data set's folder.

    Raises:
        InputError: There is no data set of this version, it is incomplete or damaged, or it lacks a feature. Videos are
            only checked for existence and length; damage inside them is found when the episode is read.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._info = read_info(self.root)
        self._episodes = read_episodes(self.root, self._info)
        self._captions = CaptionFile(self.root / layout.CAPTIONS_PATH)
        self._data: tuple[FileIndex, _DataFile] | None = None
        self._video: tuple[FileIndex, VideoReader] | None = None
        open_parquet(self.root / layout.TASKS_PATH, ["task_index"])
        for place in sorted({episode.data for episode in self._episodes}):
            open_parquet(self._data_path(place), ["episode_index"])
        for place in sorted({episode.video for episode in self._episodes}):
            self._check_video(place)

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self._info.fps

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self._episodes)

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all files of the data set; computed on first use."""
        paths = {path for path in (self.root / "meta").rglob("*") if path.is_file()}
        paths |= {self._data_path(episode.data) for episode in self._episodes}
        paths |= {self._video_path(episode.video) for episode in self._episodes}
        digest = hashlib.sha256()
        for name, path in sorted((path.relative_to(self.root).as_posix(), path) for path in paths):
            with path.open("rb") as file:
                digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def info(self, i: int) -> EpisodeInfo:
        """Return the description of episode ``i`` without decoding its video."""
        episode = self._episodes[self._checked(i)]
        success = episode.success
        if success is None and episode.source is None:  # not written here
            data = self._data_file(episode.data)
            if data.success is not None:
                success = bool(data.success[self._rows(i, data)[-1]])
        scene = None if episode.scene is None else scene_files.resolve_scene(episode.scene, self.root)
        return EpisodeInfo(episode.length, episode.instruction, scene, success, episode.source or "unknown")

    def demonstration(self, i: int) -> Demonstration:
        """Read episode ``i`` with its frames.

        Raises:
            IndexError: There is no such episode.
            InputError: Its rows or frames are damaged.
        """
        info = self.info(i)
        episode = self._episodes[i]
        data = self._data_file(episode.data)
        rows = self._rows(i, data)
        return Demonstration(
            scene=info.scene,
            instruction=info.instruction,
            success=info.success,
            source=info.source,
            pixels=self._video_reader(episode.video).read(episode.from_s + data.time_s[rows]),
            agent_pos=data.state[rows],
            actions=data.action[rows],
            executed=data.executed[rows],
            captions=self._captions.for_episode(i),
            noise_burst=None if data.noise_burst is None else data.noise_burst[rows].astype(bool),
            clearance_m=None if data.clearance_m is None else data.clearance_m[rows].astype(np.float32),
        )

    def close(self) -> None:
        """Close the open video; it is reopened when needed."""
        if self._video is not None:
            self._video[1].close()
        self._video = None

    def _checked(self, i: int) -> int:
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return i

    def _data_path(self, place: FileIndex) -> Path:
        return file_path(self.root, self._info.data_path, place)

    def _video_path(self, place: FileIndex) -> Path:
        return file_path(self.root, self._info.video_path, place)

    def _check_video(self, place: FileIndex) -> None:
        path = self._video_path(place)
        if not path.is_file():
            raise InputError(f"the data set is incomplete: {path} is missing")
        video = VideoReader(path, self.fps)
        frames = sum(episode.length for episode in self._episodes if episode.video == place)
        try:
            if 0 < video.frames < frames:
                raise InputError(f"{path} has {video.frames} frames; the episodes in it have {frames}")
        finally:
            video.close()

    def _video_reader(self, place: FileIndex) -> VideoReader:
        if self._video is None or self._video[0] != place:
            self.close()
            self._video = (place, VideoReader(self._video_path(place), self.fps))
        return self._video[1]

    def _data_file(self, place: FileIndex) -> _DataFile:
        if self._data is None or self._data[0] != place:
            self._data = (place, self._read_data(self._data_path(place)))
        return self._data[1]

    def _read_data(self, path: Path) -> _DataFile:
        known = (layout.EXECUTED, layout.SUCCESS, *layout.OPTIONAL_SCALARS)
        optional = tuple(name for name in known if name in self._info.features)
        table = open_parquet(path, ["episode_index", "timestamp", layout.STATE, layout.ACTION], optional)

        def column(name: str, size: int = 1) -> np.ndarray:
            return _numbers(table[name], size, f"column '{name}' of {path}")

        def optional_scalar(name: str) -> np.ndarray | None:
            return column(name)[:, 0] if name in table.column_names else None

        action = column(layout.ACTION, ACTION_SIZE).astype(np.float32, copy=False)
        executed = column(layout.EXECUTED, ACTION_SIZE) if layout.EXECUTED in table.column_names else action
        return _DataFile(
            episode=column("episode_index")[:, 0],
            time_s=column("timestamp")[:, 0].astype(np.float64),
            state=column(layout.STATE, STATE_SIZE).astype(np.float32, copy=False),
            action=action,
            executed=executed.astype(np.float32, copy=False),
            success=optional_scalar(layout.SUCCESS),
            noise_burst=optional_scalar(layout.NOISE_BURST),
            clearance_m=optional_scalar(layout.CLEARANCE),
        )

    def _rows(self, i: int, data: _DataFile) -> np.ndarray:
        episode = self._episodes[i]
        rows = np.flatnonzero(data.episode == i)  # (t,)
        if len(rows) != episode.length or (np.diff(data.time_s[rows]) <= 0).any():
            path = self._data_path(episode.data)
            raise InputError(f"{path} has {len(rows)} rows of episode {i}; expected {episode.length} in order of time")
        return rows


def _numbers(column: pa.ChunkedArray, size: int, where: str) -> np.ndarray:
    """Return a column of numbers, or of lists of ``size`` numbers, as an array (n, size)."""
    values = column.combine_chunks()
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or pa.types.is_fixed_size_list(values.type):
        values = values.flatten()
    kind = values.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        raise InputError(f"{where} contains {kind}; expected numbers")
    if values.null_count or len(values) != len(column) * size:
        raise InputError(f"{where} has gaps; expected {size} numbers in each row")
    return values.to_numpy(zero_copy_only=False).reshape(-1, size)
