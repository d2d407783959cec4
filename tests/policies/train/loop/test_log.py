from __future__ import annotations

import io

import pytest
from rich.console import Console

from policies.train.loop.log import EpochLog, format_epoch, log_stage, show_progress


def test_a_resumed_log_drops_what_is_repeated(tmp_path) -> None:
    path = tmp_path / "training.csv"
    log = EpochLog(path, keep=0)
    for epoch in (1, 2):
        log.add_epoch(epoch, 0.5, [0.1, 0.2, 0.3], 2.0, 100.0)
    EpochLog(path, keep=1).add_epoch(2, 0.4, [], 2.0, 100.0)
    rows = [row.split(",") for row in path.read_text().splitlines()]
    assert rows[0][:3] == ["epoch", "loss", "mae"]
    assert rows[1] == ["1", "0.50000", "0.20000", "0.10000", "0.20000", "0.30000", "2.0", "100"]
    assert rows[2] == ["2", "0.40000", "", "", "", "", "2.0", "100"]


def test_an_epoch_says_the_error_of_each_axis() -> None:
    assert "validation MAE 0.2000 (vx 0.1000, vy 0.2000, wz 0.3000)" in format_epoch(1, 2, 0.5, [0.1, 0.2, 0.3], 9.0)
    assert "no validation MAE" in format_epoch(1, 2, 0.5, [], 9.0)


def test_a_stage_is_logged_once_it_is_complete(make_run, tmp_path) -> None:
    run = make_run(tmp_path)
    with pytest.raises(KeyboardInterrupt), log_stage("recording", run):
        raise KeyboardInterrupt
    assert not (tmp_path / "stages.csv").exists()
    with log_stage("recording", run):
        pass
    with log_stage("cloning", run):
        pass
    rows = (tmp_path / "stages.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["stage", "recording", "cloning"]


def test_the_bar_is_drawn_on_terminals_alone() -> None:
    drawn = []
    for terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=terminal)
        with show_progress(console, "clone 1/6", 2, [0.1, 0.3]) as show_step:
            show_step(0.25)
        drawn.append(console.file.getvalue())
    assert "loss 0.2500, validation MAE 0.2000" in drawn[0]
    assert drawn[1] == ""
