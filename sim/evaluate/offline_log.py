"""Offline scores as they come, so that a killed run loses none of them; ``summary.json`` takes them over at its end."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sim.results.codec import from_json, to_json
from sim.results.offline_score import OfflineScore

OFFLINE_LOG = "offline.jsonl"


class OfflineScoreLog:
    """A file of one score a line, which is there only while a run is under way, or after it was killed.

    Args:
        folder: The run's.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OFFLINE_LOG

    def read_scores(self) -> list[OfflineScore]:
        """Read what a killed run left, in order; what it left of a last line is cut away."""
        if not self._path.is_file():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        return [
            from_json(OfflineScore, json.loads(line), f"'{self._path}' line {number}")
            for number, line in enumerate(whole.splitlines(), start=1)
        ]

    def add(self, score: OfflineScore) -> None:
        """Write a score down, and don't return before it is on the disk."""
        with self._path.open("ab") as stream:
            stream.write(json.dumps(to_json(score), allow_nan=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def delete(self) -> None:
        """Drop it: all that it holds is in the summary."""
        self._path.unlink(missing_ok=True)
