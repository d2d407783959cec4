"""The episodes of a data set: their lengths, files and stretches of video."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.dataset.demonstration import SceneRef
from policies.dataset.lerobot import layout
from policies.dataset.lerobot.index.info import DatasetInfo
from policies.dataset.lerobot.index.parquet import read_records
from policies.dataset.lerobot.layout import FileIndex
from scenarios.common.errors import InputError

_REQUIRED = ("episode_index", "length", "data/chunk_index", "data/file_index")
_OURS = (
    layout.SCENARIO_COLUMN,
    layout.SUITE_SEED_COLUMN,
    layout.SCENE_EPISODE_COLUMN,
    layout.SOURCE_COLUMN,
    layout.SUCCESS_COLUMN,
)


@dataclass(frozen=True)
class Clip:
    """A stretch of video."""

    path: Path
    from_s: float
    to_s: float | None
    """None where the set doesn't state it."""


@dataclass(frozen=True)
class EpisodeIndexRow:
    """One row of the episodes table."""

    number: int
    length: int
    tasks: tuple[str, ...]
    """As listed for the episode; empty if they aren't."""
    data: Path
    """The parquet file with its rows."""
    clip: Clip | None
    """None if its frames are in the parquet file."""
    scene: SceneRef | None = None
    source: str | None = None
    success: bool | None = None


def read_episodes(root: Path, info: DatasetInfo, camera: str) -> tuple[EpisodeIndexRow, ...]:
    """Read all files of the episodes table, in order of the episodes' numbers.

    Raises:
        InputError: Files are missing or truncated, columns are missing, or the rows contradict ``info.json``.
    """
    episodes = (_read_v2 if info.is_v2 else _read_v3)(root, info, camera)
    numbers = [episode.number for episode in episodes]
    if len(set(numbers)) != len(numbers) or len(numbers) != info.episodes:
        raise InputError(
            f"{root / 'meta'} lists {len(set(numbers))} different episodes in {len(numbers)} rows; "
            f"{layout.INFO_PATH} states {info.episodes}"
        )
    frames = sum(episode.length for episode in episodes)
    if frames != info.frames:
        raise InputError(
            f"the episodes in {root / 'meta'} have {frames} frames; {layout.INFO_PATH} states {info.frames}"
        )
    return tuple(sorted(episodes, key=lambda episode: episode.number))


def _read_v3(root: Path, info: DatasetInfo, camera: str) -> list[EpisodeIndexRow]:
    folder = root / "meta" / "episodes"
    paths = sorted(folder.glob("*/*.parquet"))
    if not paths:
        raise InputError(f"{root} is not a complete LeRobot data set: {folder} contains no parquet file")
    is_video = info.features[camera].dtype == "video"
    clip = [f"videos/{camera}/{part}" for part in ("chunk_index", "file_index", "from_timestamp")] if is_video else []
    more = ("tasks", f"videos/{camera}/to_timestamp", *_OURS)
    rows = [row for path in paths for row in read_records(path, [*_REQUIRED, *clip], more)]
    return [_make_v3(row, root, info, camera, clip) for row in rows]


def _make_v3(row: dict[str, Any], root: Path, info: DatasetInfo, camera: str, clip: list[str]) -> EpisodeIndexRow:
    where = f"episode {row['episode_index']} in {root / 'meta/episodes'}"
    numbers = {name: row[name] for name in (*_REQUIRED[1:], *clip)}
    right = all(isinstance(number, int | float) and number >= 0 for number in numbers.values())
    if not isinstance(row["episode_index"], int) or not right or row["length"] < 1:
        raise InputError(f"{where} has impossible numbers: {numbers}")
    data = FileIndex(int(row["data/chunk_index"]), int(row["data/file_index"]))
    found = None
    if clip and info.video_path is not None:
        place = FileIndex(int(row[clip[0]]), int(row[clip[1]]))
        path = layout.file_path(root, info.video_path, place, camera)
        end = row.get(f"videos/{camera}/to_timestamp")
        found = Clip(path, float(row[clip[2]]), float(end) if isinstance(end, int | float) else None)
    scenario, suite_seed, number = (row.get(name) for name in _OURS[:3])
    scene = None
    if scenario is not None and suite_seed is not None and number is not None:
        scene = SceneRef(str(scenario), int(suite_seed), int(number))
    return EpisodeIndexRow(
        number=row["episode_index"],
        length=int(row["length"]),
        tasks=_tasks(row.get("tasks"), where),
        data=layout.file_path(root, info.data_path, data, camera),
        clip=found,
        scene=scene,
        source=row.get(layout.SOURCE_COLUMN),
        success=row.get(layout.SUCCESS_COLUMN),
    )


def _read_v2(root: Path, info: DatasetInfo, camera: str) -> list[EpisodeIndexRow]:
    path = root / layout.EPISODES_LINES_PATH
    if not path.is_file():
        raise InputError(f"{root} is not a complete LeRobot data set: {path} is missing")
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [_make_v2(row, root, info, camera) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is not readable ({error!r}); expected lines with 'episode_index', 'length'"
        ) from error


def _make_v2(row: dict[str, Any], root: Path, info: DatasetInfo, camera: str) -> EpisodeIndexRow:
    number, length = row["episode_index"], row["length"]
    where = f"episode {number} in {root / layout.EPISODES_LINES_PATH}"
    if not isinstance(number, int) or not isinstance(length, int) or number < 0 or length < 1:
        raise InputError(f"{where} has impossible numbers: length {length!r}")
    place = {"episode_chunk": number // info.chunk_episodes, "episode_index": number, "video_key": camera}
    clip = None
    if info.features[camera].dtype == "video" and info.video_path is not None:
        clip = Clip(root / info.video_path.format(**place), 0.0, None)
    data = root / info.data_path.format(**place)
    return EpisodeIndexRow(number, length, _tasks(row.get("tasks"), where), data, clip)


def _tasks(tasks: Any, where: str) -> tuple[str, ...]:
    if tasks is None:
        return ()
    if not isinstance(tasks, list) or not all(isinstance(task, str) for task in tasks):
        raise InputError(f"{where} has the tasks {tasks!r}; expected a list of texts")
    return tuple(tasks)
