"""Small data sets as other programs write them, made without this project's writers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

FRONT = "observation.images.front"
TASKS = ("drive to the red ball", "drive to the blue cone")
STATE_NAMES = ["vx", "vy", "wz", "x", "y", "yaw"]


def paint(episode: int, frame: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """A frame (H, W, 3) whose two halves tell the episode and the frame, in any codec."""
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[:, : size[1] // 2] = (220 - 60 * (episode % 4), 40 + 60 * (episode % 4), 30)
    pixels[:, size[1] // 2 :] = (30 + 18 * (frame % 12), 230 - 18 * (frame % 12), 128)
    return pixels


def encode(
    path: Path, frames: Sequence[np.ndarray], fps: float, codec: str = "libx264", pixels: str = "yuv420p"
) -> None:
    """Write a video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate = Fraction(30000, 1001) if abs(fps - 29.97) < 1e-6 else Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w") as container:
        options = (
            {"crf": "10", "g": "2"} if codec == "libx264" else {"crf": "20", "preset": "12"} if "av1" in codec else {}
        )
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pixels)
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def picture_bytes(frame: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(frame).save(stream, "PNG")
    return stream.getvalue()


Edit = Callable[[Any], Any]


@dataclass
class ForeignSet:
    """A LeRobot data set; each field is how some program writes it."""

    lengths: tuple[int, ...] = (6, 5)
    fps: float = 10
    version: str = "v3.0"
    size: tuple[int, int] = (48, 64)
    camera: str = FRONT
    more_cameras: tuple[str, ...] = ()
    pictures: bool = False
    codec: str = "libx264"
    action_names: Any = field(default_factory=lambda: ["vx", "vy", "wz"])
    state_names: Any = field(default_factory=lambda: list(STATE_NAMES))
    kind: pa.DataType = field(default_factory=pa.float32)
    columns: Edit = lambda actions: actions  # from (vx, vy, wz) to the columns as stored
    tasks: tuple[str, ...] = TASKS
    task_of_frame: Callable[[int, int], int] = lambda episode, frame: episode % 2
    split: bool = False  # a data file for each episode, one video for all
    edit_info: Edit = lambda info: None
    edit_episodes: Edit = lambda rows: None
    edit_rows: Edit = lambda columns: None
    edit_frames: Edit = lambda frames: frames

    def actions(self, episode: int) -> np.ndarray:
        """(t, 3) float32 in [-1, 1]."""
        rng = np.random.default_rng((episode, 7))
        return rng.uniform(-1, 1, (self.lengths[episode], 3)).astype(np.float32)

    def write(self, root: Path) -> Path:
        v2 = self.version != "v3.0"
        (root / "meta/episodes/chunk-000").mkdir(parents=True)
        episodes, start = [], 0
        tables: dict[str, list[pa.Table]] = {}
        videos: dict[str, list[np.ndarray]] = {}
        for number, length in enumerate(self.lengths):
            clips = {}
            for camera in (self.camera, *self.more_cameras):
                clip = self._clip(camera, number, v2)
                frames = [paint(number, k, self.size) for k in range(length)]
                if camera != self.camera:
                    frames = [255 - frame for frame in frames]
                begin = len(videos.setdefault(clip, [])) / self.fps
                videos[clip] += frames
                place = {"chunk_index": 0, "file_index": 0, "from_timestamp": begin}
                clips |= {f"videos/{camera}/{key}": value for key, value in place.items()}
                clips[f"videos/{camera}/to_timestamp"] = begin + length / self.fps
            file = number if self.split or v2 else 0
            data = f"data/chunk-000/episode_{number:06d}.parquet" if v2 else f"data/chunk-000/file-{file:03d}.parquet"
            tables.setdefault(data, []).append(self._rows(number, start))
            used = sorted({self.task_of_frame(number, k) for k in range(length)})
            row = {"episode_index": number, "tasks": [self.tasks[k] for k in used], "length": length}
            episodes.append(row if v2 else {**row, "data/chunk_index": 0, "data/file_index": file, **clips})
            start += length
        for name, parts in tables.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.concat_tables(parts), root / name)
        if not self.pictures:
            for name, frames in videos.items():
                encode(root / name, self.edit_frames(frames), self.fps, self.codec)
        self.edit_episodes(episodes)
        self._write_meta(root, episodes, v2)
        return root

    def _clip(self, camera: str, number: int, v2: bool) -> str:
        if v2:
            return f"videos/chunk-000/{camera}/episode_{number:06d}.mp4"
        return f"videos/{camera}/chunk-000/file-000.mp4"

    def _rows(self, number: int, start: int) -> pa.Table:
        length = self.lengths[number]
        actions = np.asarray(self.columns(self.actions(number)))
        columns: dict[str, Any] = {
            "observation.state": pa.array(np.tile(np.arange(6.0) / 10, (length, 1)).tolist(), pa.list_(self.kind)),
            "action": pa.array(actions.tolist(), pa.list_(self.kind)),
            "timestamp": pa.array(np.arange(length) / self.fps, pa.float32()),
            "frame_index": list(range(length)),
            "episode_index": [number] * length,
            "index": list(range(start, start + length)),
            "task_index": [self.task_of_frame(number, k) for k in range(length)],
        }
        if self.pictures:
            columns[self.camera] = [
                {"bytes": picture_bytes(paint(number, k, self.size)), "path": f"frame_{k}.png"} for k in range(length)
            ]
        self.edit_rows(columns)
        return pa.table(columns)

    def _write_meta(self, root: Path, episodes: list[dict], v2: bool) -> None:
        camera = {
            "dtype": "image" if self.pictures else "video",
            "shape": [*self.size, 3],
            "names": ["height", "width", "channels"],
        }
        size = np.asarray(self.columns(self.actions(0))).shape[1]
        name = "float64" if self.kind == pa.float64() else "float32"
        info = {
            "codebase_version": self.version,
            "total_episodes": len(self.lengths),
            "total_frames": sum(self.lengths),
            "chunks_size": 1000,
            "fps": self.fps,
            "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
            if v2
            else "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
            if v2
            else "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
            "features": {
                **{each: dict(camera) for each in (self.camera, *self.more_cameras)},
                "observation.state": {"dtype": name, "shape": [6], "names": self.state_names},
                "action": {"dtype": name, "shape": [size], "names": self.action_names},
                **{
                    each: {"dtype": "int64", "shape": [1], "names": None}
                    for each in ("timestamp", "frame_index", "episode_index", "index", "task_index")
                },
            },
        }
        self.edit_info(info)
        (root / "meta/info.json").write_text(json.dumps(info))
        if v2:
            (root / "meta/episodes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in episodes))
            lines = [json.dumps({"task_index": k, "task": text}) + "\n" for k, text in enumerate(self.tasks)]
            (root / "meta/tasks.jsonl").write_text("".join(lines))
        else:
            pq.write_table(pa.Table.from_pylist(episodes), root / "meta/episodes/chunk-000/file-000.parquet")
            table = pa.table({"task_index": range(len(self.tasks)), "__index_level_0__": list(self.tasks)})
            pq.write_table(table, root / "meta/tasks.parquet")


def write_published(folder: Path, name: str = "episode_1box_vert_left.h5", **attributes: Any) -> Path:
    """Write an HDF5 file as the published collector does: blue first, m/s and rad/s, 18 records of 0.3 s."""
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / name, "w") as file:
        file["images"] = np.stack([paint(0, k)[..., ::-1] for k in range(18)])
        file["actions"] = np.tile(np.float32([1.15, 0.0, -0.575]), (18, 1))
        words = np.array(["start_action"] * 18, object)
        file.create_dataset("action_event_types", data=words, dtype=h5py.string_dtype())
        for key, value in {"num_frames": 18, "total_duration": 5.4, **attributes}.items():
            file.attrs[key] = value
    return folder
