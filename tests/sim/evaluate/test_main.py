"""Laws of the main command: exit codes, and what it says at the end."""

from __future__ import annotations

import contextlib
import errno
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.analysis.rates import estimate_success
from sim.evaluate import __main__ as command
from sim.evaluate.__main__ import main

from .small_runs import QUICK, read_rows


def _fail(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("phase", ["driving", "writing"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "runs/rows"), "'runs/rows': No space left on device"),
        (OSError(errno.EACCES, "Permission denied", "runs"), "'runs': Permission denied"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_what_ends_a_run_before_its_files_are_complete_is_3_with_the_command_that_finishes_it(
    tmp_path, monkeypatch, capsys, phase, error, told
):
    pool = SimpleNamespace(run=_fail(error) if phase == "driving" else lambda *_: None)
    run = SimpleNamespace(pending_jobs=list)
    monkeypatch.setattr(command, "_open_run", lambda *_: contextlib.nullcontext((run, pool)))
    monkeypatch.setattr(command, "write_outputs", _fail(error))
    assert main([*QUICK, "--policy", "straight", "--out", str(tmp_path / "run")]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"not complete: {told}; finish with: python -m sim.evaluate")
    assert said.rstrip().endswith("--resume")


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_ends_a_command_before_its_run_is_there_is_told_without_a_command_that_finishes_it(
    tmp_path, monkeypatch, error
):
    monkeypatch.setattr(command, "_open_run", _fail(error))
    with pytest.raises(type(error)):
        main([*QUICK, "--policy", "straight", "--out", str(tmp_path / "run")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", ["--resume", "--resume-anyway"])
def test_the_command_that_finishes_a_run_keeps_the_flag_that_it_was_resumed_with(flag):
    words = command._resume_command(["--policy", "zero", "--out", "x", flag], Path("x")).split()
    assert [word for word in words if word.startswith("--resume")] == [flag]


def test_the_gate_fails_with_1_and_names_the_cell(tmp_path, capsys):
    arguments = [*QUICK, "--policy", "zero", "--episodes", "1", "--workers", "1", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--fail-under", "0.5"]) == 1
    assert "gate failed: zero on corridor: 0.0% < 50.0% (95 %: 0.0% to 95.0%, so it may" in capsys.readouterr().err


def test_a_rate_whose_interval_lies_below_the_gate_is_not_called_chance():
    rates = [estimate_success([True] * successes + [False] * (50 - successes)) for successes in (20, 38, 41)]
    cells = [SimpleNamespace(policy="p", scenario="s", perturbation="none", success=rate) for rate in rates]
    said = command._describe_low_rates(SimpleNamespace(cells=cells), 0.8)  # type: ignore[arg-type]
    assert ["chance" in line for line in said] == [False, True]


def test_a_scenario_can_be_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my").mkdir()
    (tmp_path / "my/easy.yaml").write_text("family: corridor\nranges:\n  boxes: 0\n")
    arguments = [
        "--policy",
        "expert",
        "--scenario",
        "my/easy.yaml",
        "--episodes",
        "1",
        "--workers",
        "1",
        "--no-offline",
    ]
    assert main([*arguments, "--video", "none"]) == 0
    (out,) = (tmp_path / "runs").iterdir()
    assert out.name.endswith("-expert-easy")
    (row,) = read_rows(out).values()
    assert (row["scenario"], row["status"]) == ("my/easy.yaml", "success")
    assert json.loads((out / "summary.json").read_text())["cells"][0]["scenario"] == "my/easy.yaml"
