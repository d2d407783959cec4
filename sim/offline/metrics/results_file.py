"""Reads what ``python -m sim.offline --out`` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scenarios.common.errors import InputError
from sim.offline.metrics.score import ContestEntry
from sim.results.codec import from_json
from sim.results.run_files import read_json
from sim.results.summary.offline_score import OfflineScore


class OfflineResults(NamedTuple):
    """The results of one command."""

    scores: tuple[OfflineScore, ...]
    """Offline errors of each policy on each data set."""
    entries: tuple[ContestEntry, ...]
    """Scores by offline metrics, where any were asked for."""


def read_offline_results(path: Path) -> OfflineResults:
    """Read the results of a command.

    Raises:
        InputError: The file isn't one of ``sim.offline``.
    """
    content = read_json(path)
    if not isinstance(content, dict) or "offline" not in content:
        raise InputError(f"'{path}' wasn't written by 'python -m sim.offline --out': it has no key 'offline'")
    where = f"'{path}'"
    scores = from_json(tuple[OfflineScore, ...], content["offline"], where)
    return OfflineResults(scores, from_json(tuple[ContestEntry, ...], content.get("metrics", []), where))
