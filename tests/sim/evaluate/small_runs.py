"""Small runs of the main command, and what they wrote."""

from __future__ import annotations

import json
from pathlib import Path

QUICK = ["--scenario", "corridor", "--video", "none", "--no-offline"]
TWO_POLICIES = [*QUICK, "--policy", "straight,expert", "--episodes", "11"]


def read_rows(folder: Path) -> dict[tuple[str, int], dict]:
    """Read the rows of a run, by policy and episode."""
    return {
        (row["policy"], row["episode"]): row
        for row in map(json.loads, (folder / "episodes.jsonl").read_text().splitlines())
    }


def read_digests(folder: Path) -> dict[tuple[str, int], str]:
    """Read the digests of a run, by policy and episode."""
    return {key: row["digest"] for key, row in read_rows(folder).items()}
