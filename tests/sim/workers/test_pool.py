"""Laws of the worker processes, with a job runner whose jobs misbehave on order."""

from __future__ import annotations

import errno
import tempfile
from multiprocessing import heap

import pytest

from scenarios.common.errors import InputError
from sim.workers.job import Job
from sim.workers.pool import Timeouts, WorkerPool, make_clocks

RUNNER = """
import os, pathlib, signal, time
from scenarios.common.errors import InputError

class MisbehavingJobs:
    def __init__(self, settings, heartbeat):
        self.heartbeat, self.count = heartbeat, 0
        if settings == "unbuildable":
            raise InputError("no such renderer")
        if settings == "stillborn":
            os._exit(7)

    def do(self, job, report):
        self.count += 1
        getattr(self, job.work)(job, report)
        return {"pid": os.getpid(), "count": self.count, "threads": os.environ["OMP_NUM_THREADS"]}

    def work(self, job, report):
        for number in range(2):
            report({"number": number})

    def slow(self, job, report):
        time.sleep(0.5)

    def die_once(self, job, report):
        marker = job.out / "died"
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def leave_a_folder(self, job, report):
        from scenarios.common.locks import make_temporary_folder

        (make_temporary_folder("mobile-vla-") / "texture.bmp").write_text("x")
        if "die" in job.name:
            os.kill(os.getpid(), signal.SIGKILL)

    def die(self, job, report):
        os._exit(9)

    def fail(self, job, report):
        raise RuntimeError("the disk is full")

    def refuse(self, job, report):
        raise InputError("that data set is no data set")

    def divide(self, job, report):
        report({"number": float("nan")})

    def hang(self, job, report):
        report({"number": 0})
        with self.heartbeat.in_policy():
            time.sleep(600)

    def stall(self, job, report):
        time.sleep(600)
"""


class Heard:
    def __init__(self) -> None:
        self.results, self.parts, self.hangs, self.failures = {}, [], {}, {}

    def part(self, job, part) -> None:
        self.parts.append((job.name, part["number"]))

    def done(self, job, result) -> None:
        assert job.name not in self.results
        self.results[job.name] = result

    def hung(self, job, parts, seconds) -> None:
        self.hangs[job.name] = list(parts)

    def failed(self, job, reason) -> None:
        self.failures[job.name] = reason


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "misbehaving.py").write_text(RUNNER)
    monkeypatch.syspath_prepend(tmp_path)

    def run(jobs, *, size=1, settings=None, timeouts=Timeouts()):  # noqa: B008
        heard = Heard()
        with WorkerPool("misbehaving:MisbehavingJobs", settings, size, timeouts) as pool:
            pool.run(jobs, heard)
        return heard

    return run


def test_every_job_is_done_once_and_a_worker_is_kept(run):
    heard = run([Job(f"u{number}", "work") for number in range(5)])
    assert sorted(heard.results) == [f"u{number}" for number in range(5)]
    assert len({result["pid"] for result in heard.results.values()}) == 1
    assert heard.parts == [(f"u{number}", part) for number in range(5) for part in (0, 1)]
    assert heard.results["u0"]["threads"] == "1"


def test_two_workers_share_the_jobs(run):
    heard = run([Job(f"u{number}", "slow") for number in range(6)], size=2)
    assert len({result["pid"] for result in heard.results.values()}) == 2


def test_a_job_waits_for_those_that_it_comes_after(run):
    jobs = [Job("second", "work", after=frozenset(["first"])), Job("first", "slow")]
    assert list(run(jobs, size=2).results) == ["first", "second"]


def test_a_worker_that_dies_costs_nothing_but_a_second_try(run, tmp_path):
    heard = run([Job("once", "die_once", tmp_path), Job("other", "work")])
    assert sorted(heard.results) == ["once", "other"]
    assert not heard.failures


def test_workers_leave_no_temporary_folder_however_they_end(run, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    heard = run([Job("stay", "leave_a_folder"), Job("die", "leave_a_folder")], size=2)
    assert (list(heard.results), list(heard.failures)) == (["stay"], ["die"])
    assert [path.name for path in (tmp_path / "temporary").glob("mobile-vla-*")] == []


def test_a_job_that_kills_two_workers_is_reported_and_the_others_are_done(run):
    heard = run([Job("bad", "die"), Job("after", "work", after=frozenset(["bad"])), Job("other", "work")])
    assert list(heard.results) == ["other"]
    assert "exit code 9" in heard.failures["bad"]
    assert "'bad' must be done first" in heard.failures["after"]


def test_an_error_of_ours_is_tried_again_and_then_told_with_its_traceback(run):
    heard = run([Job("bad", "fail")])
    assert "RuntimeError: the disk is full" in heard.failures["bad"]


def test_a_number_that_is_not_finite_is_an_error_of_the_job_that_sent_it(run):
    heard = run([Job("bad", "divide")])
    assert "Out of range float values" in heard.failures["bad"]
    assert not heard.parts


def test_bad_input_found_in_a_worker_is_raised_as_such(run):
    with pytest.raises(InputError, match="that data set"):
        run([Job("bad", "refuse")])
    with pytest.raises(InputError, match="no such renderer"):
        run([Job("any", "work")], settings="unbuildable")


def test_a_policy_that_hangs_is_killed_and_what_was_finished_is_kept(run):
    heard = run([Job("bad", "hang"), Job("other", "work")], timeouts=Timeouts(policy_s=0.3))
    assert heard.hangs == {"bad": [{"number": 0}]}
    assert list(heard.results) == ["other"]
    assert not heard.failures


@pytest.mark.slow
def test_a_worker_without_a_sign_of_life_is_replaced(run):
    heard = run([Job("bad", "stall")], timeouts=Timeouts(stall_s=2.0))
    assert "no sign of life" in heard.failures["bad"]


def test_workers_that_can_not_start_end_the_run_with_a_reason(run):
    heard = run([Job("a", "work"), Job("b", "work")], settings="stillborn")
    assert set(heard.failures) == {"a", "b"}
    assert "exit code 7" in heard.failures["a"]


@pytest.mark.parametrize("place", ["missing", "read-only"])
def test_a_system_without_shared_memory_runs_all_the_same(monkeypatch, tmp_path, place):
    if place == "missing":
        monkeypatch.setattr(heap.Arena, "_dir_candidates", [str(tmp_path / "nowhere")])
    else:
        monkeypatch.setattr(heap.Arena, "_dir_candidates", [str(tmp_path)])
        made = tempfile.mkstemp

        def refuse(*arguments, **given):
            if given["dir"] == str(tmp_path):
                raise PermissionError(errno.EACCES, "Permission denied", given["dir"])
            return made(*arguments, **given)

        monkeypatch.setattr(tempfile, "mkstemp", refuse)
    monkeypatch.setattr(heap.BufferWrapper, "_heap", heap.Heap())
    clocks = make_clocks()
    clocks[0] = 3.0
    assert clocks[0] == 3.0
    assert clocks[1] > 0.0
