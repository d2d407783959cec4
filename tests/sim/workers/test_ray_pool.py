"""The same blocks on a Ray cluster give the same rows; what goes wrong there is told here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.evaluate.__main__ import main

pytest.importorskip("ray")
QUICK = ["--policy", "straight", "--scenario", "corridor", "--episodes", "11", "--no-offline", "--video", "failures"]


def _rows(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    return sorted(({**row, "policy_ms": None, "policy_call_ms": None} for row in rows), key=lambda row: row["episode"])


@pytest.mark.slow
def test_a_cluster_gives_the_rows_and_films_of_one_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert main([*QUICK, "--workers", "1", "--out", str(here)]) == 0
    assert main([*QUICK, "--workers", "2", "--out", str(there), "--executor", "ray"]) == 0
    assert _rows(here) == _rows(there)
    films = sorted(path.name for path in (there / "videos").iterdir())
    assert films == sorted(path.name for path in (here / "videos").iterdir())
    assert len(films) == len([row for row in _rows(there) if row["video"]]) > 1
