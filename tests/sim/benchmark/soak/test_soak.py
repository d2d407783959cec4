"""A soak goes on until its run is complete, and judges it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.common.cli import DONE, INCOMPLETE
from scenarios.common.seeding import make_generator
from scenarios.registry import SCENARIOS
from sim.benchmark.soak import soak as soaking
from sim.benchmark.soak.outcome import LOST, MUST_BE_ZERO
from sim.benchmark.soak.soak import Soak, judge_soak, measure_soak


def make_soak(folder: Path) -> Soak:
    return Soak(folder, 1, make_generator(0, "test"), "mark")


def test_a_run_is_resumed_until_every_row_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soak, codes, complete = make_soak(tmp_path), [INCOMPLETE, 2, DONE], [False, True]
    monkeypatch.setattr(Soak, "_drive_session", lambda self: codes.pop(0))
    monkeypatch.setattr(Soak, "_is_complete", lambda self: complete.pop(0))
    soak.drive()
    assert dict(soak.codes) == {INCOMPLETE: 1, 2: 1, DONE: 1}


def test_a_run_that_cannot_be_finished_is_given_up_and_its_rows_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soak = make_soak(tmp_path)
    monkeypatch.setattr(soaking, "MOST_SESSIONS", 3)
    monkeypatch.setattr(Soak, "_drive_session", lambda self: INCOMPLETE)
    soak.drive()
    found = {each.name: each for each in judge_soak(soak, [])}
    assert found[LOST].value == soak.planned == len(soak.policies) * len(SCENARIOS)
    assert found["sessions"].unit == f"3 with exit code {INCOMPLETE}"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_short_soak_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soaking, "SCENARIOS", dict.fromkeys(["corridor"]))
    monkeypatch.setattr(soaking, "BEHAVING", ("straight", "random"))
    monkeypatch.setattr(soaking, "KILL_EVERY_S", 15.0)
    monkeypatch.setattr(soaking, "FILL_EVERY_S", 20.0)
    monkeypatch.setattr(soaking, "ALL", "corridor")
    found = {each.name: each for each in measure_soak(12)}
    assert found["rows"].value == 12
    assert not {name: found[name].unit for name in MUST_BE_ZERO if found[name].value}
