"""Offline scores as they come, so that a killed run loses none of them; ``summary.json`` takes them over at its end."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OFFLINE_LOG = "offline.jsonl"


class OfflineScoreLog:
    """A file of one entry a line, which is there only while a run is under way, or after it was killed.

    Args:
        folder: The run's.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OFFLINE_LOG

    def entries(self) -> list[dict[str, Any]]:
        """What a killed sitting left, in order; what it left of a last line is cut away."""
        if not self._path.is_file():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        return [json.loads(line) for line in whole.splitlines()]

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write an entry down, and don't return before it is on the disk."""
        with self._path.open("ab") as stream:
            stream.write(json.dumps(entry, allow_nan=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def delete(self) -> None:
        """Drop it: all that it holds is in the summary."""
        self._path.unlink(missing_ok=True)
