"""Log of offline scores, so that a killed run loses none; at the end of a run ``summary.json`` contains them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sim.results.codec import from_json, parse_json, to_json
from sim.results.summary.offline_score import OfflineScore

OFFLINE_LOG = "offline.jsonl"


class OfflineScoreLog:
    """A file of one score per line; it exists while a run is in progress, or after it was killed.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OFFLINE_LOG

    def read_scores(self) -> list[OfflineScore]:
        """Read the scores of a killed run, in order; an incomplete last line is removed."""
        if not self._path.is_file():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        return [
            from_json(OfflineScore, parse_json(line, where := f"'{self._path}' line {number}"), where)
            for number, line in enumerate(whole.splitlines(), start=1)
        ]

    def add(self, score: OfflineScore) -> None:
        """Append a score; return once it is on disk."""
        with self._path.open("ab") as stream:
            stream.write(json.dumps(to_json(score), allow_nan=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def delete(self) -> None:
        """Delete the file: the summary contains its scores."""
        self._path.unlink(missing_ok=True)
