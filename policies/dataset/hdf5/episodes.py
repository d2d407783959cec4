"""The episodes in HDF5 files, and what they contain: one per file as published, or one per group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from policies.dataset.hdf5.layout import AGENT_POS, EVENT_TYPES, PUBLISHED_COLUMNS, SUFFIXES, parse_instruction
from policies.dataset.hdf5.storage import find_dataset, open_hdf5, read_number, read_text
from policies.dataset.mapping.contents import CameraFeature, DatasetContents, VectorFeature
from policies.dataset.mapping.mapping import SI_UNITS, STATE_AXES
from scenarios.common.errors import InputError
from scenarios.robot import KEY_PRESS_PERIOD_S

LAYOUT_NAMES = ("action", "actions", "images")  # of arrays in a file that is one episode
INSTRUCTION_NAMES = ("instruction", "language_instruction", "language", "task", "prompt")
ASSUMED_RATE = 10.0  # suggested where a file states none

_NUMBER = re.compile(r"\d+")


class EpisodePlace(NamedTuple):
    """Where an episode is."""

    path: Path
    group: str
    """Path of the group in the file; "/" if the file is one episode."""


def find_files(root: Path) -> list[Path]:
    """Return the HDF5 files of a folder in order of their names."""
    return sorted(path for path in root.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def list_episodes(paths: list[Path]) -> list[EpisodePlace]:
    """List the episodes of some files: the file itself, or its groups, such as those in 'data'."""
    found: list[EpisodePlace] = []
    for path in paths:
        with open_hdf5(path) as file:
            found += [EpisodePlace(path, group) for group in _list_groups(file)]
    return found


def _list_groups(file: Any) -> list[str]:
    if any(file.get(name, getlink=True) is not None for name in LAYOUT_NAMES):
        return ["/"]
    parent = file["data"] if isinstance(file.get("data"), h5py.Group) else file
    groups = [name for name in parent if isinstance(parent.get(name), h5py.Group) and _NUMBER.search(name)]
    groups.sort(key=lambda name: [int(number) for number in _NUMBER.findall(name)])
    return [f"{parent.name.rstrip('/')}/{name}" for name in groups] or ["/"]


def describe_contents(root: Path, episodes: list[EpisodePlace]) -> DatasetContents:
    """Describe what the first episode contains, for a mapping that all follow."""
    first = episodes[0]
    with open_hdf5(first.path) as file:
        group = file[first.group]
        for name in LAYOUT_NAMES:
            if group.get(name, getlink=True) is not None:
                find_dataset(group, name, first.path)
        arrays = dict(_list_arrays(group))
        published = is_published(group)
        cameras = [
            CameraFeature(name, array.shape[1:3], "depth" in name.lower())
            for name, array in arrays.items()
            if _is_camera(array)
        ]
        vectors = [
            VectorFeature(name, array.shape[1], _name_columns(name, array, published=published))
            for name, array in arrays.items()
            if array.ndim == 2 and array.dtype.kind in "fiu"
        ]
        texts = [name for place in (group, file) for name, value in place.attrs.items() if read_text(value) is not None]
        period_s = read_period(group, file, first)
    missing = None if published else _missing_rate(first, period_s)
    return DatasetContents(
        root=root,
        rate=ASSUMED_RATE if period_s is None else 1.0 / period_s,
        missing_rate=missing,
        cameras=tuple(cameras),
        vectors=tuple(vectors),
        texts=tuple(dict.fromkeys(texts)),
        missing_instruction=_missing_instruction(episodes),
        colours="bgr" if published and not _is_ours(group_attributes(first)) else "rgb",
        has_odometry=not published,
        units=SI_UNITS if published else None,
    )


def group_attributes(place: EpisodePlace) -> dict[str, Any]:
    """Read the attributes of an episode."""
    with open_hdf5(place.path) as file:
        return {**file.attrs, **file[place.group].attrs}


def _is_ours(attributes: dict[str, Any]) -> bool:
    return "source" in attributes and "period_s" in attributes


def is_published(group: Any) -> bool:
    """Return whether a group is in the published layout, whose units and order are known."""
    actions = group.get("actions")
    return EVENT_TYPES in group and isinstance(actions, h5py.Dataset) and actions.shape[1:] == (3,)


def read_period(group: Any, file: Any, place: EpisodePlace) -> float | None:
    """Return the time between records that a file states, or the published one; None where neither is known."""
    attributes = {**file.attrs, **group.attrs}
    for name in ("period_s", "fps", "rate"):
        if name in attributes:
            value = read_number(attributes[name], f"attribute '{name}' of {place.path}")
            if value <= 0.0:
                raise InputError(f"attribute '{name}' of {place.path} is {value:g}; expected a number above 0")
            return value if name == "period_s" else 1.0 / value
    return KEY_PRESS_PERIOD_S if is_published(group) else None


def _missing_rate(place: EpisodePlace, period_s: float | None) -> str | None:
    return None if period_s is not None else f"{place.path} doesn't state its rate, in frames per second"


def find_instruction(attributes: dict[str, Any], place: EpisodePlace) -> str | None:
    """Return the instruction in an episode's attributes, or of the cell in its file's name; None without either."""
    for name in INSTRUCTION_NAMES:
        if name in attributes:
            text = read_text(attributes[name])
            if text is None:
                raise InputError(f"attribute '{name}' of {place.path} is {attributes[name]!r}; expected one text")
            if text.strip():
                return text
    return parse_instruction(place.path.stem)


def _missing_instruction(episodes: list[EpisodePlace]) -> str | None:
    for place in episodes:
        if find_instruction(group_attributes(place), place) is None:
            return (
                f"{place.path} has no instruction: add an attribute 'instruction', or name the file by a cell such as "
                f"'1box_vert_left'"
            )
    return None


def _list_arrays(group: Any) -> Iterator[tuple[str, Any]]:
    """All arrays in a group and below, by their paths; links aren't followed."""
    found: list[tuple[str, Any]] = []
    group.visititems(lambda name, item: found.append((name, item)) if isinstance(item, h5py.Dataset) else None)
    return iter(found)


def _is_camera(array: Any) -> bool:
    return array.ndim == 4 and array.shape[3] == 3 and array.dtype == np.uint8


def _name_columns(name: str, array: Any, *, published: bool) -> tuple[str, ...]:
    """The names of a vector's columns: in its attribute 'names', or known from the published layout and ours."""
    given = array.attrs.get("names", array.attrs.get("columns"))
    if given is not None:
        names = [read_text(value) for value in np.asarray(given).reshape(-1)]
        return tuple(one for one in names if one is not None) if len(names) == array.shape[1] else ()
    if published and name == "actions":
        return PUBLISHED_COLUMNS
    if not published or name != AGENT_POS:
        return ()
    if array.shape[1] != len(STATE_AXES):
        raise InputError(f"'{name}' in {array.file.filename} has shape {array.shape}; expected (t, {len(STATE_AXES)})")
    return STATE_AXES
