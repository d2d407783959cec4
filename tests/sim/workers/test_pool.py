"""Laws of the worker processes, with a workshop whose units misbehave on order."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from sim.workers.pool import Job, Timeouts, WorkerPool

WORKSHOP = """
import os, pathlib, signal, time
from scenarios.common.errors import InputError

class Workshop:
    def __init__(self, settings, watch):
        self.settings, self.watch, self.count = settings, watch, 0
        if settings.get("unbuildable"):
            raise InputError("no such renderer")
        if settings.get("stillborn"):
            os._exit(7)

    def do(self, kind, arguments, part):
        self.count += 1
        getattr(self, kind)(arguments, part)
        return {"pid": os.getpid(), "count": self.count, "threads": os.environ["OMP_NUM_THREADS"]}

    def work(self, arguments, part):
        for number in range(arguments.get("parts", 0)):
            part({"number": number})

    def slow(self, arguments, part):
        time.sleep(0.5)

    def die_once(self, arguments, part):
        marker = pathlib.Path(arguments["marker"])
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def die(self, arguments, part):
        os._exit(9)

    def fail(self, arguments, part):
        raise RuntimeError("the disk is full")

    def refuse(self, arguments, part):
        raise InputError("that data set is no data set")

    def hang(self, arguments, part):
        part({"number": 0})
        with self.watch.in_policy():
            time.sleep(600)

    def stall(self, arguments, part):
        time.sleep(600)
"""


class Heard:
    def __init__(self) -> None:
        self.results, self.parts, self.hangs, self.failures = {}, [], {}, {}

    def part(self, unit, part) -> None:
        self.parts.append((unit.name, part["number"]))

    def done(self, unit, result) -> None:
        assert unit.name not in self.results
        self.results[unit.name] = result

    def hung(self, unit, parts, seconds) -> None:
        self.hangs[unit.name] = list(parts)

    def failed(self, unit, reason) -> None:
        self.failures[unit.name] = reason


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "misbehaving.py").write_text(WORKSHOP)
    monkeypatch.syspath_prepend(tmp_path)

    def run(units, *, size=1, settings=None, limits=Timeouts()):  # noqa: B008
        heard = Heard()
        with WorkerPool(("misbehaving", "Workshop"), settings or {}, size, limits) as crew:
            crew.run(units, heard)
        return heard

    return run


def test_every_unit_is_done_once_and_a_worker_is_kept(run):
    heard = run([Job(f"u{number}", "work", {"parts": 2}) for number in range(5)])
    assert sorted(heard.results) == [f"u{number}" for number in range(5)]
    assert len({result["pid"] for result in heard.results.values()}) == 1
    assert heard.parts == [(f"u{number}", part) for number in range(5) for part in (0, 1)]
    assert heard.results["u0"]["threads"] == "1"


def test_two_workers_share_the_units(run):
    heard = run([Job(f"u{number}", "slow", {}) for number in range(6)], size=2)
    assert len({result["pid"] for result in heard.results.values()}) == 2


def test_a_unit_waits_for_those_that_it_comes_after(run):
    units = [Job("second", "work", {}, frozenset(["first"])), Job("first", "slow", {})]
    assert list(run(units, size=2).results) == ["first", "second"]


def test_a_worker_that_dies_costs_nothing_but_a_second_try(run, tmp_path):
    heard = run([Job("once", "die_once", {"marker": str(tmp_path / "died")}), Job("other", "work", {})])
    assert sorted(heard.results) == ["once", "other"]
    assert not heard.failures


def test_a_unit_that_kills_two_workers_is_reported_and_the_others_are_done(run):
    heard = run([Job("bad", "die", {}), Job("after", "work", {}, frozenset(["bad"])), Job("other", "work", {})])
    assert list(heard.results) == ["other"]
    assert "exit code 9" in heard.failures["bad"]
    assert "'bad' comes first" in heard.failures["after"]


def test_an_error_of_ours_is_tried_again_and_then_told_with_its_traceback(run):
    heard = run([Job("bad", "fail", {})])
    assert "RuntimeError: the disk is full" in heard.failures["bad"]


def test_bad_input_found_in_a_worker_is_raised_as_such(run):
    with pytest.raises(InputError, match="that data set"):
        run([Job("bad", "refuse", {})])
    with pytest.raises(InputError, match="no such renderer"):
        run([Job("any", "work", {})], settings={"unbuildable": True})


def test_a_policy_that_hangs_is_killed_and_what_was_finished_is_kept(run):
    heard = run([Job("bad", "hang", {}), Job("other", "work", {})], limits=Timeouts(policy_s=0.3))
    assert heard.hangs == {"bad": [{"number": 0}]}
    assert list(heard.results) == ["other"]
    assert not heard.failures


def test_a_worker_without_a_sign_of_life_is_replaced(run):
    heard = run([Job("bad", "stall", {})], limits=Timeouts(stall_s=3.0))
    assert "no sign of life" in heard.failures["bad"]


def test_workers_that_can_not_start_end_the_run_with_a_reason(run):
    heard = run([Job("a", "work", {}), Job("b", "work", {})], settings={"stillborn": True})
    assert set(heard.failures) == {"a", "b"}
    assert "exit code 7" in heard.failures["a"]
