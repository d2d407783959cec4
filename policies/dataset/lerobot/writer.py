"""Writer of LeRobot v3.0 data sets, one episode at a time."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from policies.dataset.captions import format_caption_line
from policies.dataset.demonstration import STATE_SIZE, Demonstration
from policies.dataset.episode_writer import EpisodeWriter
from policies.dataset.lerobot import layout
from policies.dataset.lerobot.statistics import Stats, image_stats, merge_stats, vector_stats
from policies.dataset.lerobot.tables import RollingTable, write_tasks
from policies.dataset.lerobot.video import RollingVideo, VideoSegment
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

_CLIP = f"videos/{layout.IMAGE}"


class DatasetWriter(EpisodeWriter):
    """Writer of demonstrations as a LeRobot v3.0 data set, with one episode in memory at a time.

    Args:
        root: The folder to create. It must not exist, or be empty.
        fps: Frames per second of the recording; a fraction such as 10/3 where no integer is exact.
        robot: LeRobot's ``robot_type``.
        data_file_mb: Maximum size of a parquet file, in MB, before a new one is started.
        video_file_mb: The same for mp4 files.
        chunk_files: Files in a chunk folder.
    """

    def __init__(
        self,
        root: Path,
        *,
        fps: int | Fraction = 10,
        robot: str = "three-wheel-omni",
        data_file_mb: int = layout.DATA_FILE_MB,
        video_file_mb: int = layout.VIDEO_FILE_MB,
        chunk_files: int = layout.CHUNK_FILES,
    ) -> None:
        if fps <= 0:
            raise InputError(f"a data set can't have {fps} frames per second; give more than 0")
        super().__init__(root)
        self._fps = Fraction(fps)
        self._robot = robot
        self._limits = {
            "chunks_size": chunk_files,
            "data_files_size_in_mb": data_file_mb,
            "video_files_size_in_mb": video_file_mb,
        }
        (self._folder / "meta").mkdir()
        self._rows = RollingTable(self._folder, layout.DATA_PATH, limit_mb=data_file_mb, chunk_files=chunk_files)
        self._episodes = RollingTable(
            self._folder, layout.EPISODES_PATH, limit_mb=data_file_mb, chunk_files=chunk_files
        )
        self._video = RollingVideo(self._folder, fps=self._fps, limit_mb=video_file_mb, chunk_files=chunk_files)
        self._tasks: dict[str, int] = {}
        self._stats: dict[str, Stats] = {}
        self._size: tuple[int, int] | None = None
        self._optional: frozenset[str] = frozenset()  # columns that the episodes have
        self._frame_count = 0

    def _check(self, demonstration: Demonstration) -> None:
        """Raise ``InputError`` if an episode doesn't fit.

        Its arrays must be finite and have the shapes and types that ``Demonstration`` states; its frames must have even
        edges (the video needs them) and the size of earlier ones; its captions must belong to existing frames; it must
        have the optional columns that earlier ones have.
        """
        where = f"episode {self._episode_count} for {self.root}"
        _check_demonstration(demonstration, where)
        height, width = demonstration.pixels.shape[1:3]
        if self._size is not None and self._size != (height, width):
            raise InputError(
                f"{where} has frames of {height}x{width}; earlier ones have {self._size[0]}x{self._size[1]}"
            )
        optional = frozenset(_optional_columns(demonstration))
        if self._episode_count and optional != self._optional:
            raise InputError(
                f"{where} has the optional columns {sorted(optional)}; earlier ones have {sorted(self._optional)}"
            )
        self._size, self._optional = (height, width), optional

    def _append(self, demonstration: Demonstration) -> None:
        task = self._tasks.setdefault(demonstration.instruction, len(self._tasks))
        columns = self._columns(demonstration, task)
        table = _data_table(columns)
        data_place = self._rows.file_for(table.nbytes)
        self._rows.write(table)
        clip = self._video.add(demonstration.pixels)
        stats = {layout.IMAGE: image_stats(demonstration.pixels)}
        stats |= {name: vector_stats(values) for name, values in columns.items()}
        self._stats = {name: merge_stats(self._stats[name], new) if self._stats else new for name, new in stats.items()}
        self._write_episode(demonstration, data_place, clip, stats)
        if demonstration.captions:
            with (self._folder / layout.CAPTIONS_PATH).open("a", encoding="utf-8") as file:
                file.write(format_caption_line(self._episode_count, demonstration.captions))
        self._frame_count += demonstration.length

    def _finish(self) -> None:
        self._video.close()
        self._rows.close()
        self._episodes.close()
        write_tasks(self._folder / layout.TASKS_PATH, list(self._tasks))
        self._write_json(layout.STATS_PATH, {n: {k: v.tolist() for k, v in s.items()} for n, s in self._stats.items()})
        self._write_json(layout.INFO_PATH, self._info())

    def _abandon(self) -> None:
        self._video.abandon()
        self._rows.abandon()
        self._episodes.abandon()

    def _columns(self, demonstration: Demonstration, task: int) -> dict[str, np.ndarray]:
        length = demonstration.length
        frames = np.arange(length, dtype=np.int64)
        last = frames == length - 1
        return {
            layout.STATE: demonstration.agent_pos,
            layout.ACTION: demonstration.actions,
            layout.EXECUTED: demonstration.executed,
            "next.done": last,
            layout.SUCCESS: last & bool(demonstration.success),
            "timestamp": (frames / float(self._fps)).astype(np.float32),
            "frame_index": frames,
            "episode_index": np.full(length, self._episode_count, dtype=np.int64),
            "index": frames + self._frame_count,
            "task_index": np.full(length, task, dtype=np.int64),
            **_optional_columns(demonstration),
        }

    def _write_episode(
        self, demonstration: Demonstration, data_place: layout.FileIndex, clip: VideoSegment, stats: dict[str, Stats]
    ) -> None:
        scene = demonstration.scene
        text, whole, real = pa.string(), pa.int64(), pa.float64()
        row: dict[str, tuple[Any, pa.DataType]] = {
            "episode_index": (self._episode_count, whole),
            "tasks": ([demonstration.instruction], pa.list_(text)),
            "length": (demonstration.length, whole),
            "data/chunk_index": (data_place.chunk, whole),
            "data/file_index": (data_place.file, whole),
            "dataset_from_index": (self._frame_count, whole),
            "dataset_to_index": (self._frame_count + demonstration.length, whole),
            f"{_CLIP}/chunk_index": (clip.place.chunk, whole),
            f"{_CLIP}/file_index": (clip.place.file, whole),
            f"{_CLIP}/from_timestamp": (clip.from_s, real),
            f"{_CLIP}/to_timestamp": (clip.to_s, real),
            layout.SCENARIO_COLUMN: (scene.scenario if scene else None, text),
            layout.SUITE_SEED_COLUMN: (scene.suite_seed if scene else None, whole),
            layout.SCENE_EPISODE_COLUMN: (scene.episode if scene else None, whole),
            layout.SOURCE_COLUMN: (demonstration.source, text),
            layout.SUCCESS_COLUMN: (demonstration.success, pa.bool_()),
        }
        for name, entries in stats.items():
            for key, values in entries.items():
                kind = whole if key == "count" else real
                row[f"stats/{name}/{key}"] = (values.tolist(), _nested(kind, values.ndim))
        place = self._episodes.file_for(_one_row(row).nbytes)
        row["meta/episodes/chunk_index"] = (place.chunk, whole)
        row["meta/episodes/file_index"] = (place.file, whole)
        self._episodes.write(_one_row(row))

    @property
    def _rate(self) -> float:
        """Frames per second for JSON: integers without a decimal point, as LeRobot writes them."""
        return self._fps.numerator if self._fps.denominator == 1 else float(self._fps)

    def _info(self) -> dict[str, Any]:
        assert self._size is not None
        return {
            "codebase_version": layout.CODEBASE_VERSION,
            "robot_type": self._robot,
            "total_episodes": self._episode_count,
            "total_frames": self._frame_count,
            "total_tasks": len(self._tasks),
            **self._limits,
            "fps": self._rate,
            "splits": {"train": f"0:{self._episode_count}"},
            "data_path": layout.DATA_PATH,
            "video_path": layout.VIDEO_PATH,
            "features": layout.build_feature_schema(*self._size, self._rate, self._optional),
        }

    def _write_json(self, path: str, content: dict[str, Any]) -> None:
        (self._folder / path).write_text(json.dumps(content, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")


def _check_demonstration(demonstration: Demonstration, where: str) -> None:
    pixels, length = demonstration.pixels, demonstration.length
    if length < 1:
        raise InputError(f"{where} has no frames")
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[0] != length or pixels.shape[3] != 3:
        raise InputError(f"{where} has pixels {pixels.dtype} {pixels.shape}; expected uint8 ({length}, H, W, 3)")
    if pixels.shape[1] % 2 or pixels.shape[2] % 2 or 0 in pixels.shape:
        raise InputError(f"{where} has frames of {pixels.shape[1]}x{pixels.shape[2]}; both must be even for the video")
    sizes = {"agent_pos": STATE_SIZE, "actions": ACTION_SIZE, "executed": ACTION_SIZE}
    for name, size in sizes.items():
        values = getattr(demonstration, name)
        if values.dtype != np.float32 or values.shape != (length, size):
            raise InputError(f"{where} has {name} {values.dtype} {values.shape}; expected float32 ({length}, {size})")
        if not np.isfinite(values).all():
            raise InputError(f"{where} has {name} that are not finite")
    for name, flags in _optional_columns(demonstration).items():
        dtype = np.dtype(layout.OPTIONAL_SCALARS[name])
        if flags.dtype != dtype or flags.shape != (length,):
            raise InputError(f"{where} has {name} {flags.dtype} {flags.shape}; expected {dtype} ({length},)")
        if not np.isfinite(flags).all():
            raise InputError(f"{where} has {name} that are not finite")
    if not demonstration.instruction:
        raise InputError(f"{where} has no instruction")
    for caption in demonstration.captions:
        if not 0 <= caption.frame < length:
            raise InputError(f"{where} has a caption for frame {caption.frame}; its frames are 0 to {length - 1}")


def _optional_columns(demonstration: Demonstration) -> dict[str, np.ndarray]:
    """The per-frame columns that only some recordings have, by their names."""
    columns = {layout.NOISE_BURST: demonstration.noise_burst, layout.CLEARANCE: demonstration.clearance_m}
    return {name: values for name, values in columns.items() if values is not None}


def _nested(kind: pa.DataType, depth: int) -> pa.DataType:
    for _ in range(depth):
        kind = pa.list_(kind)
    return kind


def _one_row(row: dict[str, tuple[Any, pa.DataType]]) -> pa.Table:
    arrays = [pa.array([value], type=kind) for value, kind in row.values()]
    return pa.Table.from_arrays(arrays, names=list(row))


def _data_table(columns: dict[str, np.ndarray]) -> pa.Table:
    arrays = {}
    for name, values in columns.items():
        flat = pa.array(values.reshape(-1))
        arrays[name] = flat if values.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
    return pa.table(arrays)
