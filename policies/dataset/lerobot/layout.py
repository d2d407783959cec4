"""Names, paths and features of the LeRobot v3.0 format, and what earlier ones name otherwise.

Source: https://github.com/huggingface/lerobot, ``src/lerobot/datasets/utils.py`` of release 0.4.4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import Any, NamedTuple

from policies.dataset.demonstration import STATE_SIZE
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE, AXIS_NAMES

CODEBASE_VERSION = "v3.0"
READABLE_VERSIONS = (CODEBASE_VERSION, "v2.1", "v2.0")

IMAGE = "observation.images.front"
STATE = "observation.state"
ACTION = "action"
EXECUTED = "executed_action"
SUCCESS = "next.success"
NOISE_BURST = "noise_burst"  # ours, as is the next; data sets may lack both
CLEARANCE = "clearance_m"

INFO_PATH = "meta/info.json"
STATS_PATH = "meta/stats.json"
TASKS_PATH = "meta/tasks.parquet"
TASKS_LINES_PATH = "meta/tasks.jsonl"  # of v2, as is the next
EPISODES_LINES_PATH = "meta/episodes.jsonl"
CAPTIONS_PATH = "meta/captions.jsonl"  # ours; LeRobot ignores it
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

CHUNK_FILES = 1000  # files in a chunk folder
DATA_FILE_MB = 100
VIDEO_FILE_MB = 200

# Columns of the episodes table that are ours; LeRobot keeps them.
SCENARIO_COLUMN = "scene/scenario"
SUITE_SEED_COLUMN = "scene/suite_seed"
SCENE_EPISODE_COLUMN = "scene/episode"
SOURCE_COLUMN = "demonstration/source"
SUCCESS_COLUMN = "demonstration/success"

OPTIONAL_SCALARS = {NOISE_BURST: "bool", CLEARANCE: "float32"}

DEPTH_KEYS = ("video.is_depth_map", "is_depth_map")

V3_FIELDS = frozenset(("video_key", "chunk_index", "file_index"))  # of path templates
V2_FIELDS = frozenset(("video_key", "episode_chunk", "episode_index"))


class FileIndex(NamedTuple):
    """The index of a file: its chunk folder and its number in that folder."""

    chunk: int
    file: int

    def next_file(self, chunk_files: int) -> FileIndex:
        """Return the index of the next file, in a new chunk folder once this one contains ``chunk_files``."""
        return FileIndex(self.chunk + 1, 0) if self.file + 1 >= chunk_files else FileIndex(self.chunk, self.file + 1)


def file_path(root: Path, template: str, place: FileIndex, camera: str = IMAGE) -> Path:
    """Return the path of the file at ``place``, given a template that passed ``check_template``."""
    return root / template.format(video_key=camera, chunk_index=place.chunk, file_index=place.file)


def check_template(template: object, name: str, root: Path, known: Collection[str] = V3_FIELDS) -> str:
    """Check a path template from ``info.json``, so that it can only name files inside the data set, and return it.

    A data set may come from anyone, so a template may contain plain fields only, and can't leave the folder.

    Raises:
        InputError: It isn't text, has other fields, is absolute or contains ``..``.
    """
    where = f"'{name}' in {root / INFO_PATH}"
    if not isinstance(template, str):
        raise InputError(f"{where} is {template!r}; expected a path such as '{DATA_PATH}'")
    try:
        fields = [(field, spec) for _, field, spec, _ in Formatter().parse(template) if field is not None]
    except ValueError:
        raise InputError(f"{where} is '{template}', which is not a path template") from None
    if any(field not in known or not re.fullmatch(r"(0?\d?d)?", spec or "") for field, spec in fields):
        raise InputError(
            f"{where} is '{template}'; its fields may only be {', '.join(sorted(known))}, as in {DATA_PATH}"
        )
    if PurePosixPath(template).is_absolute() or ".." in PurePosixPath(template).parts or "\\" in template:
        raise InputError(f"{where} is '{template}', which leaves the data set's folder; it must be a path inside it")
    return template


def build_feature_schema(
    height: int, width: int, fps: float, optional: Collection[str] = ()
) -> dict[str, dict[str, Any]]:
    """Build the ``features`` of ``info.json`` for frames of this size: every column, its type and its names.

    Args:
        height: Of a frame, in pixels.
        width: Of a frame, in pixels.
        fps: Frames per second.
        optional: Those of ``NOISE_BURST`` and ``CLEARANCE`` that the data set has.
    """
    velocity = list(AXIS_NAMES)
    video = {
        "video.height": height,
        "video.width": width,
        "video.codec": "h264",
        "video.pix_fmt": "yuv420p",
        "video.is_depth_map": False,
        "video.fps": fps,
        "video.channels": 3,
        "has_audio": False,
    }
    scalar: Mapping[str, str] = {
        "next.done": "bool",
        SUCCESS: "bool",
        "timestamp": "float32",
        "frame_index": "int64",
        "episode_index": "int64",
        "index": "int64",
        "task_index": "int64",
        **{name: dtype for name, dtype in OPTIONAL_SCALARS.items() if name in optional},
    }
    return {
        IMAGE: {"dtype": "video", "shape": [height, width, 3], "names": ["height", "width", "channels"], "info": video},
        STATE: {"dtype": "float32", "shape": [STATE_SIZE], "names": [*velocity, "x", "y", "yaw"]},
        ACTION: {"dtype": "float32", "shape": [ACTION_SIZE], "names": velocity},
        EXECUTED: {"dtype": "float32", "shape": [ACTION_SIZE], "names": velocity},
        **{name: {"dtype": dtype, "shape": [1], "names": None} for name, dtype in scalar.items()},
    }
