"""Checks of an episode in an HDF5 file: what it says of itself must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from policies.dataset.frame_size import MAX_PIXELS, is_too_large
from policies.dataset.hdf5.layout import EVENT_TYPES, EXECUTED_ACTIONS
from policies.dataset.hdf5.storage import find_dataset, read_number
from policies.dataset.mapping.contents import DatasetContents
from policies.dataset.mapping.mapping import DatasetMapping, VectorMapping
from scenarios.common.errors import InputError

_DURATION_TOLERANCE = 0.1  # share by which a file's duration may differ from its records times their period

Shape = tuple[int | None, ...]


def check_arrays(group: Any, path: Path, mapping: DatasetMapping, contents: DatasetContents) -> int:
    """Check the arrays of an episode that are read, and return its number of frames.

    Raises:
        InputError: One is missing, or its shape differs from the others' or from those of the first episode.
    """
    images = find_dataset(group, mapping.camera, path)
    length = int(images.shape[0]) if images.shape else 0
    for name, wanted in _list_shapes(group, mapping, contents).items():
        shape = find_dataset(group, name, path).shape
        right = len(shape) == len(wanted) and all(w in (None, s) for w, s in zip(wanted, shape, strict=True))
        if not right or shape[0] != length or length < 1:
            raise InputError(f"'{name}' in {path} has shape {shape}; expected {_format_shape(wanted, length)}")
    if images.dtype != np.uint8:
        raise InputError(f"'{mapping.camera}' in {path} has type {images.dtype}; expected uint8")
    if is_too_large(images.shape[1:3]):
        raise InputError(
            f"'{mapping.camera}' in {path} has frames of {images.shape[1]}x{images.shape[2]} pixels, which are too "
            f"large: at most {MAX_PIXELS} pixels can be read"
        )
    return length


def _list_shapes(group: Any, mapping: DatasetMapping, contents: DatasetContents) -> dict[str, Shape]:
    """The shapes that the arrays must have; None where any will do."""
    shapes: dict[str, Shape] = {mapping.camera: (None, None, None, 3)}
    for vector in (mapping.actions, mapping.state):
        if isinstance(vector, VectorMapping) and (known := contents.vector(vector.feature)) is not None:
            shapes[vector.feature] = (None, known.size)
    if EXECUTED_ACTIONS in group:
        shapes[EXECUTED_ACTIONS] = shapes[mapping.actions.feature]
    if EVENT_TYPES in group:
        shapes[EVENT_TYPES] = (None,)
    return shapes


def check_length(attributes: dict[str, Any], length: int, period_s: float | None, path: Path) -> None:
    """Check the stated number of frames and duration; the latter may end with the last record or a period later.

    Args:
        attributes: Of the episode.
        length: Its number of frames.
        period_s: Time between records, as the file states; None if a mapping gives another, so that none is checked.
        path: The file.

    Raises:
        InputError: They contradict the frames.
    """
    if "num_frames" in attributes:
        stated = read_number(attributes["num_frames"], f"attribute 'num_frames' of {path}")
        if stated != length:
            raise InputError(f"{path} has {length} frames; its attribute 'num_frames' states {stated:g}")
    if "total_duration" not in attributes or period_s is None:
        return
    stated_s = read_number(attributes["total_duration"], f"attribute 'total_duration' of {path}")
    allowed_s = _DURATION_TOLERANCE * length * period_s
    if not (length - 1) * period_s - allowed_s <= stated_s <= length * period_s + allowed_s:
        rate = f" ('rate: {length / stated_s:.4g}')" if stated_s > 0.0 else ""
        raise InputError(
            f"{path} has {length} records of {period_s:g} s each; its attribute 'total_duration' states {stated_s:g} "
            f"s: say which is right in a mapping file{rate}"
        )


def _format_shape(wanted: Shape, length: int) -> str:
    """Format a shape for messages, e.g. (18, H, W, 3)."""
    names = [str(length or "t"), *("HW" if len(wanted) == 4 else ""), *(str(size) for size in wanted[1:] if size)]
    return f"({', '.join(names)})"
