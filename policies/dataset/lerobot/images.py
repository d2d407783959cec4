"""Frames that are pictures inside a parquet file, or files that it names."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from policies.dataset.lerobot.index.parquet import open_parquet
from scenarios.common.errors import InputError

_BATCH_ROWS = 8
_COLOUR_MODES = ("RGB", "L", "P")  # 8 bits a channel, no transparency

SizeCheck = Callable[[tuple[int, int], str], None]


def read_images(path: Path, column: str, rows: Sequence[int], root: Path, check: SizeCheck) -> Iterator[np.ndarray]:
    """Decode the pictures in ascending rows of a parquet file, a few at a time, (H, W, 3) uint8 RGB each.

    Args:
        path: The file.
        column: Name of the camera.
        rows: The rows.
        root: The data set's folder, which files that are named must be in.
        check: Called with each picture's (height, width) and its place, before it is decoded.

    Raises:
        InputError: A picture is missing, damaged, or not in colours.
    """
    wanted = set(rows)
    with open_parquet(path, [column]) as file:
        for number, value in _values(file, column, min(rows), max(rows)):
            if number in wanted:
                yield _decode(value, f"row {number} of '{column}' in {path}", root, check)


def _values(file: Any, column: str, first: int, last: int) -> Iterator[tuple[int, Any]]:
    """The values of the rows from ``first`` to ``last``, with their numbers; row groups before it are skipped."""
    start, groups = 0, []
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if start + count > first and start <= last:
            groups.append((start, group))
        start += count
    number = groups[0][0]
    for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group for _, group in groups], columns=[column]):
        if number + len(batch) > first:
            yield from enumerate(batch.column(0).to_pylist(), number)
        number += len(batch)
        if number > last:
            return


def _decode(value: Any, where: str, root: Path, check: SizeCheck) -> np.ndarray:
    content = value.get("bytes") if isinstance(value, dict) else value
    try:
        if not isinstance(content, bytes):
            content = _read_file(value, where, root)
        with Image.open(io.BytesIO(content)) as picture:
            if picture.mode not in _COLOUR_MODES:
                raise InputError(f"{where} is a picture in mode '{picture.mode}'; expected colours of 8 bits (RGB)")
            check((picture.height, picture.width), where)
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{where} is not a readable picture ({error})") from error


def _read_file(value: Any, where: str, root: Path) -> bytes:
    """Read the picture that a row names, which must be inside the data set."""
    name = value.get("path") if isinstance(value, dict) else value
    if not isinstance(name, str) or not name:
        raise InputError(f"{where} contains no picture")
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise InputError(f"{where} names '{name}', which is outside the data set's folder")
    if not path.is_file():
        raise InputError(f"the data set is incomplete: {path}, which {where} names, is missing")
    return path.read_bytes()
