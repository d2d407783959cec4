"""Each thing that may not be left of a soak is counted."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from sim.benchmark.soak.outcome import (
    BLAMED,
    DOUBLED,
    LEFT,
    LOST,
    ORPHANS,
    judge_left,
    judge_memory,
    judge_rows,
    read_keys,
)

KEYS = [("straight", "corridor", "none", number, "collision") for number in range(3)]


def values(found) -> dict[str, float]:
    return {each.name: each.value for each in found}


def test_missing_doubled_and_wrongly_blamed_rows_are_counted() -> None:
    assert values(judge_rows(KEYS, 3)) == {"rows": 3, LOST: 0, DOUBLED: 0, BLAMED: 0}
    assert values(judge_rows([*KEYS, KEYS[0]], 5)) == {"rows": 3, LOST: 2, DOUBLED: 1, BLAMED: 0}
    faults = [
        ("straight", "corridor", "none", 9, "policy-fault"),
        ("a.py:Raises", "corridor", "none", 9, "policy-fault"),
    ]
    assert values(judge_rows([*KEYS, *faults], 5))[BLAMED] == 1


def test_rows_are_read_from_the_run(tmp_path: Path) -> None:
    assert read_keys(tmp_path) == []
    names = ("policy", "scenario", "perturbation", "episode", "status")
    lines = [json.dumps(dict(zip(names, key, strict=True))) for key in KEYS]
    (tmp_path / "episodes.jsonl").write_text("\n".join(lines) + "\n")
    assert read_keys(tmp_path) == KEYS


def test_processes_files_and_sockets_that_are_left_are_counted(tmp_path: Path) -> None:
    temporary, run = tmp_path / "t", tmp_path / "run"
    (temporary / "folder").mkdir(parents=True)
    run.mkdir()
    assert values(judge_left([], temporary, run)) == {ORPHANS: 0, LEFT: 0}
    (temporary / "folder/scene.urdf").touch()
    (run / ".summary.json.1-ab.partial").touch()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(temporary / "s"))
        assert values(judge_left([7], temporary, run)) == {ORPHANS: 1, LEFT: 3}


def test_memory_is_compared_after_the_start() -> None:
    (found,) = judge_memory([5, 90, 100, 100, 100, 105, 108, 110, 110])
    assert (found.value, found.ratio) == (110, 1.1)
    assert list(judge_memory([1.0])) == []
