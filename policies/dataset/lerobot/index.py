"""Reading and checking of a data set's metadata: features, files, and the location of each episode."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from policies.dataset.demonstration import STATE_SIZE, SceneRef
from policies.dataset.lerobot import layout
from policies.dataset.lerobot.layout import FileIndex
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

_CLIP = f"videos/{layout.IMAGE}"
_REQUIRED = (
    "episode_index",
    "tasks",
    "length",
    "data/chunk_index",
    "data/file_index",
    f"{_CLIP}/chunk_index",
    f"{_CLIP}/file_index",
    f"{_CLIP}/from_timestamp",
)
_OURS = (
    layout.SCENARIO_COLUMN,
    layout.SUITE_SEED_COLUMN,
    layout.SCENE_EPISODE_COLUMN,
    layout.SOURCE_COLUMN,
    layout.SUCCESS_COLUMN,
)


@dataclass(frozen=True)
class DatasetInfo:
    """The checked parts of ``meta/info.json`` that reading needs."""

    fps: float
    episodes: int
    frames: int
    features: frozenset[str]
    data_path: str
    video_path: str


@dataclass(frozen=True)
class EpisodeIndexRow:
    """One row of the episodes table."""

    length: int
    instruction: str
    data: FileIndex
    video: FileIndex
    from_s: float  # time of its first frame in the video
    scene: SceneRef | None
    source: str | None
    success: bool | None


def read_info(root: Path) -> DatasetInfo:
    """Read ``meta/info.json``.

    Raises:
        InputError: It is missing, has another version, lacks a feature, or names files outside the folder.
    """
    path = root / layout.INFO_PATH
    if not root.is_dir():
        raise InputError(f"there is no data set at {root}; expected a folder")
    if not path.is_file():
        raise InputError(f"{root} is not a LeRobot data set: it has no {layout.INFO_PATH}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not valid JSON: {error}") from error
    version = content.get("codebase_version") if isinstance(content, dict) else None
    if version != layout.CODEBASE_VERSION:
        raise InputError(f"{path} has codebase_version {version!r}; only '{layout.CODEBASE_VERSION}' can be read")
    fps = content.get("fps")
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0.01 <= fps < 1e4:
        raise InputError(f"{path} has fps {fps!r}; expected frames per second, 0.01 or more")
    counts = [content.get(name) for name in ("total_episodes", "total_frames")]
    if not all(isinstance(count, int) and count > 0 for count in counts):
        raise InputError(
            f"{path} states {counts[0]!r} episodes and {counts[1]!r} frames; expected at least one of each"
        )
    return DatasetInfo(
        fps=float(fps),
        episodes=counts[0],
        frames=counts[1],
        features=_checked_features(content.get("features"), path),
        data_path=layout.check_template(content.get("data_path"), "data_path", root),
        video_path=layout.check_template(content.get("video_path"), "video_path", root),
    )


def _checked_features(features: object, path: Path) -> frozenset[str]:
    if not isinstance(features, dict):
        raise InputError(f"{path} lists no features")
    needed: dict[str, dict[str, Any]] = {
        layout.IMAGE: {"dtype": "video"},
        layout.STATE: {"shape": [STATE_SIZE]},
        layout.ACTION: {"shape": [ACTION_SIZE]},
    }
    if layout.EXECUTED in features:
        needed[layout.EXECUTED] = {"shape": [ACTION_SIZE]}
    for name, wanted in needed.items():
        if name not in features:
            known = ", ".join(sorted(map(str, features))) or "none"
            raise InputError(f"the data set at {path.parent.parent} lacks the feature '{name}'; it has {known}")
        found = features[name] if isinstance(features[name], dict) else {}
        for key, value in wanted.items():
            if found.get(key) != value:
                raise InputError(f"feature '{name}' in {path} has {key} {found.get(key)!r}; expected {value!r}")
    return frozenset(map(str, features))


def read_episodes(root: Path, info: DatasetInfo) -> tuple[EpisodeIndexRow, ...]:
    """Read all files of the episodes table, in order.

    Raises:
        InputError: Files are missing or truncated, columns are missing, or the rows contradict ``info.json``.
    """
    folder = root / "meta" / "episodes"
    paths = sorted(folder.glob("*/*.parquet"))
    if not paths:
        raise InputError(f"{root} is not a complete LeRobot data set: {folder} contains no parquet file")
    rows = [row for path in paths for row in _rows(path)]
    if [row["episode_index"] for row in rows] != list(range(info.episodes)):
        raise InputError(
            f"{folder} lists {len(rows)} episodes; expected 0 to {info.episodes - 1} in order, as in info.json"
        )
    episodes = tuple(_episode(row, folder) for row in rows)
    frames = sum(episode.length for episode in episodes)
    if frames != info.frames:
        raise InputError(f"the episodes in {folder} have {frames} frames; {layout.INFO_PATH} states {info.frames}")
    return episodes


def open_parquet(path: Path, columns: list[str], optional: tuple[str, ...] = ()) -> pa.Table:
    """Read columns of a parquet file.

    Args:
        path: The file.
        columns: Columns that it must have.
        optional: Columns to read if it has them.

    Raises:
        InputError: It is missing, truncated, or lacks one of ``columns``.
    """
    if not path.is_file():
        raise InputError(f"the data set is incomplete: {path} is missing")
    try:
        with pq.ParquetFile(path) as file:
            present = set(file.schema_arrow.names)
            for column in columns:
                if column not in present:
                    raise InputError(f"{path} lacks the column '{column}'")
            return file.read(columns=[*columns, *(name for name in optional if name in present)])
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is not a readable parquet file ({error}); it may be truncated") from error


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = open_parquet(path, list(_REQUIRED), _OURS).to_pylist()
    return rows


def _episode(row: dict[str, Any], folder: Path) -> EpisodeIndexRow:
    where = f"episode {row['episode_index']} in {folder}"
    tasks = row["tasks"]
    if not isinstance(tasks, list) or len(tasks) != 1 or not isinstance(tasks[0], str):
        raise InputError(f"{where} has the tasks {tasks!r}; expected one instruction for the whole episode")
    numbers = [row[name] for name in _REQUIRED if name not in ("episode_index", "tasks")]
    if not all(isinstance(number, int | float) and number >= 0 for number in numbers) or row["length"] < 1:
        raise InputError(f"{where} has impossible numbers: {dict(zip(_REQUIRED[2:], numbers, strict=True))}")
    scenario, suite_seed, number = (row.get(name) for name in _OURS[:3])
    scene = None
    if scenario is not None and suite_seed is not None and number is not None:
        scene = SceneRef(str(scenario), int(suite_seed), int(number))
    return EpisodeIndexRow(
        length=int(row["length"]),
        instruction=tasks[0],
        data=FileIndex(int(row["data/chunk_index"]), int(row["data/file_index"])),
        video=FileIndex(int(row[f"{_CLIP}/chunk_index"]), int(row[f"{_CLIP}/file_index"])),
        from_s=float(row[f"{_CLIP}/from_timestamp"]),
        scene=scene,
        source=row.get(layout.SOURCE_COLUMN),
        success=row.get(layout.SUCCESS_COLUMN),
    )
