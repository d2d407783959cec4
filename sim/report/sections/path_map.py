"""The paths of all episodes of each cell, packed for the page's script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from sim.report.sections.paths import PathPoints
from sim.results.row import EpisodeRow, RowKey

MAX_PATHS = 4000  # about 0.5 MB


class PathMap(NamedTuple):
    """Paths by cell."""

    names: dict[str, list[str]]
    """"policy", "scenario" and "perturbation" -> the names to choose from."""
    endings: list[str]
    """Names of the endings."""
    cells: dict[str, list[list[int | list[int]]]]
    """Numbers of policy, scenario and perturbation -> for each episode its number, that of its ending, and its path: x
    and y of the start, then the steps from corner to corner, cm."""
    left_out: int
    """Episodes without room."""


def select_drawn(rows: Sequence[EpisodeRow]) -> Sequence[EpisodeRow]:
    """Select the first episodes of every cell, as many as there is room for."""
    return sorted(rows, key=lambda row: row.episode)[:MAX_PATHS]


def make_path_map(rows: Sequence[EpisodeRow], paths: Mapping[RowKey, PathPoints]) -> PathMap | None:
    """Gather the paths of the episodes for which there is room; None without any."""
    drawn = [row for row in select_drawn(rows) if row.key in paths]
    if not drawn:
        return None
    names = {
        name: list(dict.fromkeys(getattr(row, name) for row in rows)) for name in ("policy", "scenario", "perturbation")
    }
    places = {name: {each: str(place) for place, each in enumerate(values)} for name, values in names.items()}
    endings = list(dict.fromkeys(row.ending for row in rows))
    cells: dict[str, list[list[int | list[int]]]] = {}
    for row in drawn:
        cell = " ".join(places[name][getattr(row, name)] for name in names)
        cells.setdefault(cell, []).append([row.episode, endings.index(row.ending), pack_path(paths[row.key])])
    return PathMap(names, endings, cells, max(0, len(rows) - MAX_PATHS))


def pack_path(points: PathPoints) -> list[int]:
    """Return the start and the steps from point to point, in one row."""
    steps = [step for (x, y), (next_x, next_y) in pairwise(points) for step in (next_x - x, next_y - y)]
    return [*points[0], *steps]
