"""Laws of running the commands of units."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from sim.agreement.collection import drive
from sim.agreement.collection.commands import Job

from .unit_results import make_facts

TOUCH = "import pathlib, sys; print('said'); pathlib.Path(sys.argv[2]).write_text('done')"
UNITS = (make_facts("a-1"), make_facts("b-1"))


@pytest.fixture
def console():
    return Console(record=True, width=200)


def run(monkeypatch, tmp_path, console, script, done=()):
    def plan(unit, *_):
        out = tmp_path / "suite" / unit.name
        return None if unit.name in done else Job(unit.name, "suite", (sys.executable, "-c", script), out)

    monkeypatch.setattr(drive, "plan_drive", plan)

    def plan_scores(unit, *_):
        scored.append(unit.name)

    scored = []
    monkeypatch.setattr(drive, "plan_scores", plan_scores)
    failures = drive.collect_results(
        UNITS, Path("pop"), tmp_path, suite="population", metrics=("mae",), demonstrations=1, console=console
    )
    return failures, scored


def test_each_unit_is_run_once_and_its_cpu_time_is_noted(monkeypatch, tmp_path, console):
    assert run(monkeypatch, tmp_path, console, TOUCH) == ((), ["a-1", "b-1"])
    assert {path.name for path in (tmp_path / "suite").iterdir()} == {"a-1", "b-1"}
    assert set(json.loads((tmp_path / "cpu_seconds.json").read_text())["suite"]) == {"a-1", "b-1"}
    assert (tmp_path / "log.txt").read_text().count("said") == 2


def test_what_is_complete_is_skipped(monkeypatch, tmp_path, console):
    run(monkeypatch, tmp_path, console, TOUCH, done=("a-1",))
    assert [path.name for path in (tmp_path / "suite").iterdir()] == ["b-1"]
    assert "2 of 2: b-1, suite" in console.export_text()


def test_one_failure_is_told_and_the_others_are_run(monkeypatch, tmp_path, console):
    script = f"import sys\nif sys.argv[2].endswith('a-1'):\n    print('error: it is late\\n')\n    sys.exit(2)\n{TOUCH}"
    (failure,), scored = run(monkeypatch, tmp_path, console, script)
    assert failure.startswith("a-1, suite: it is late (exit code 2; all that it printed: ")
    assert [path.name for path in (tmp_path / "suite").iterdir()] == ["b-1"]
    assert scored == ["b-1"]  # what could not drive is not scored either
