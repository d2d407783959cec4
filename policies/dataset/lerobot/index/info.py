"""Reading and checking of ``meta/info.json``: the version, the rate, and the features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.dataset.lerobot import layout
from scenarios.common.errors import InputError

_LONGEST_VECTOR = 10_000
_INDEX_FEATURES = ("timestamp", "frame_index", "episode_index", "index", "task_index")


@dataclass(frozen=True)
class Feature:
    """A column or a video."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    columns: tuple[str, ...]
    """Names along the only axis of a vector; empty where there are none for each."""
    size: tuple[int, int] | None
    """(height, width) of a camera; None where the set doesn't state it."""
    has_size_order: bool
    """Whether the set says which of the two is the height."""
    is_depth: bool

    @property
    def is_camera(self) -> bool:
        """Whether it contains pictures."""
        return self.dtype in ("video", "image")

    def allows_size(self, size: tuple[int, int]) -> bool:
        """Return whether frames of this (height, width) don't contradict what the set states."""
        if self.size is None:
            return True
        return size == self.size if self.has_size_order else sorted(size) == sorted(self.size)


@dataclass(frozen=True)
class DatasetInfo:
    """The checked parts of ``meta/info.json`` that reading needs."""

    is_v2: bool
    """Whether each episode has files of its own (v2.0 and v2.1)."""
    fps: float
    episodes: int
    frames: int
    features: Mapping[str, Feature]
    data_path: str
    video_path: str | None
    """None in sets without videos."""
    chunk_episodes: int
    """Episodes in a chunk folder of v2."""


def read_info(root: Path) -> DatasetInfo:
    """Read ``meta/info.json``.

    Raises:
        InputError: It is missing, has another version, states nonsense, or names files outside the folder.
    """
    path = root / layout.INFO_PATH
    if not root.is_dir():
        raise InputError(f"there is no data set at {root}; expected a folder")
    if not path.is_file():
        raise InputError(f"{root} is not a LeRobot data set: it has no {layout.INFO_PATH}; nor has it HDF5 files")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON: {error}") from error
    version = content.get("codebase_version") if isinstance(content, dict) else None
    if version not in layout.READABLE_VERSIONS:
        known = ", ".join(layout.READABLE_VERSIONS)
        raise InputError(f"{path} has codebase_version {version!r}; only {known} can be read")
    fps = content.get("fps")
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0.01 <= fps < 1e4:
        raise InputError(f"{path} has fps {fps!r}; expected frames per second, 0.01 or more")
    counts = [content.get(name) for name in ("total_episodes", "total_frames")]
    if not all(isinstance(count, int) and count > 0 for count in counts):
        raise InputError(
            f"{path} states {counts[0]!r} episodes and {counts[1]!r} frames; expected at least one of each"
        )
    is_v2 = version != layout.CODEBASE_VERSION
    chunk = content.get("chunks_size", layout.CHUNK_FILES)
    if is_v2 and (not isinstance(chunk, int) or chunk < 1):
        raise InputError(f"{path} has chunks_size {chunk!r}; expected a number of episodes, 1 or more")
    fields = layout.V2_FIELDS if is_v2 else layout.V3_FIELDS
    features = _read_features(content.get("features"), path)
    has_videos = any(feature.dtype == "video" for feature in features.values())
    return DatasetInfo(
        is_v2=is_v2,
        fps=float(fps),
        episodes=counts[0],
        frames=counts[1],
        features=features,
        data_path=layout.check_template(content.get("data_path"), "data_path", root, fields),
        video_path=layout.check_template(content.get("video_path"), "video_path", root, fields) if has_videos else None,
        chunk_episodes=chunk,
    )


def _read_features(features: object, path: Path) -> dict[str, Feature]:
    if not isinstance(features, dict):
        raise InputError(f"{path} lists no features")
    return {str(name): _read_feature(str(name), entry, path) for name, entry in features.items()}


def _read_feature(name: str, entry: Any, path: Path) -> Feature:
    shape = entry.get("shape") if isinstance(entry, dict) else None
    if not isinstance(shape, list | tuple) or not all(isinstance(edge, int) for edge in shape):
        raise InputError(f"feature '{name}' in {path} has shape {shape!r}; expected a list of whole numbers")
    if entry.get("dtype") == "video" and (not name.strip(".") or set("/\\") & set(name)):  # it is part of a path
        raise InputError(f"feature '{name}' in {path} can't be the name of a folder of videos")
    names = _flatten_names(entry.get("names"))
    size, has_order = _camera_size(tuple(shape), names)
    return Feature(
        name=name,
        dtype=str(entry.get("dtype")),
        shape=tuple(shape),
        columns=names if len(shape) == 1 and len(names) == shape[0] else (),
        size=size,
        has_size_order=has_order,
        is_depth=_is_depth(name, entry),
    )


def _flatten_names(names: Any) -> tuple[str, ...]:
    """Return the names along an axis: from a list, from lists by group, or from numbers by name."""
    if isinstance(names, dict):
        values = list(names.values())
        if all(isinstance(value, int) for value in values):
            return tuple(sorted(map(str, names), key=lambda name: names[name]))
        names = [name for value in values for name in (value if isinstance(value, list) else [value])]
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _camera_size(shape: tuple[int, ...], names: tuple[str, ...]) -> tuple[tuple[int, int] | None, bool]:
    """Return (height, width), and whether the names say which is which."""
    if len(shape) != 3:
        return None, False
    places = {name.lower().rstrip("s"): place for place, name in enumerate(names)} if len(names) == 3 else {}
    if "height" in places and "width" in places:
        return (shape[places["height"]], shape[places["width"]]), True
    return (shape[1], shape[2]) if shape[0] in (1, 3) and shape[2] not in (1, 3) else (shape[0], shape[1]), False


def _is_depth(name: str, entry: dict[str, Any]) -> bool:
    more = [entry.get(key) for key in ("info", "video_info")]
    said = [part.get(key) for part in (entry, *more) if isinstance(part, dict) for key in layout.DEPTH_KEYS]
    return any(value is True for value in said) or "depth" in name.lower()


def is_vector(feature: Feature) -> bool:
    """Return whether a feature is a vector of numbers that actions or states may be in."""
    kinds = ("float", "int", "uint", "double")
    if len(feature.shape) != 1 or not 1 <= feature.shape[0] <= _LONGEST_VECTOR:
        return False
    return feature.dtype.startswith(kinds) and feature.name not in _INDEX_FEATURES


def is_text(feature: Feature) -> bool:
    """Return whether a feature may contain instructions: text, or numbers of tasks."""
    return feature.dtype in ("string", "large_string") or feature.name.startswith("annotation.")
