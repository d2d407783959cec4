"""The paths that robots drove, from ``trajectories.parquet``: simplified, in whole centimetres."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.results.row import RowKey
from sim.results.run_files import TRAJECTORIES

COLUMNS = ("policy", "scenario", "perturbation", "episode", "x_m", "y_m")
TOLERANCE_CM = 4.0  # a simplified path is nowhere further from the driven one
PathPoints = list[tuple[int, int]]
"""Corners of a path, cm."""


def read_paths(folder: Path, wanted: Collection[RowKey]) -> dict[RowKey, PathPoints]:
    """Read the paths of episodes of a run; none if it has no trajectories.

    Args:
        folder: Folder of the run.
        wanted: Keys of the episodes.
    """
    path = folder / TRAJECTORIES
    if not path.is_file():
        return {}
    import pyarrow.parquet as pq

    found: dict[RowKey, list[np.ndarray]] = {}
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            for key, points in _split(file.read_row_group(number, columns=list(COLUMNS))):
                if key in wanted:
                    found.setdefault(key, []).append(points)
    return {key: simplify_path(100.0 * np.concatenate(parts)) for key, parts in found.items()}


def _split(table: Any) -> Iterator[tuple[RowKey, np.ndarray]]:
    """The episodes of a row group, whose rows stand together, and their points (t, 2), m."""
    names = [table.column(name).combine_chunks() for name in COLUMNS[:3]]
    codes = [name.indices.to_numpy() for name in names]
    words = [name.dictionary.to_pylist() for name in names]
    episodes = table.column("episode").to_numpy()
    points = np.column_stack([table.column(name).to_numpy() for name in ("x_m", "y_m")]).astype(np.float64)
    changes = np.any([np.diff(column) != 0 for column in (*codes, episodes)], axis=0)
    starts = [0, *(np.flatnonzero(changes) + 1).tolist()] if len(points) else []
    for start, end in zip(starts, [*starts[1:], len(points)], strict=True):
        policy, scenario, perturbation = (words[i][codes[i][start]] for i in range(3))
        yield (policy, scenario, perturbation, int(episodes[start])), points[start:end]


def simplify_path(points: np.ndarray) -> PathPoints:
    """Leave out the points (k, 2), cm, that lie near the line between those that stay (Douglas and Peucker)."""
    kept = np.zeros(len(points), bool)
    kept[[0, -1]] = True
    pending = [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        distances = _distances(points[first + 1 : last], points[first], points[last])
        furthest = int(distances.argmax())
        if distances[furthest] > TOLERANCE_CM:
            middle = first + 1 + furthest
            kept[middle] = True
            pending += [(first, middle), (middle, last)]
    return [(int(x), int(y)) for x, y in np.rint(points[kept])]


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distances of points (k, 2) from a line segment."""
    line = end - start
    length = float(line @ line)
    away = points - start
    share = np.minimum(np.maximum(away @ line / (length or 1.0), 0.0), 1.0)
    return np.hypot(away[:, 0] - share * line[0], away[:, 1] - share * line[1])
