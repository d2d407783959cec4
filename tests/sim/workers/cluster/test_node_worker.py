"""A worker on a node tells each part at once, sends its files before its end, and always tells an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.workers.cluster.node_worker import NOT_LAST, NodeWorker, describe_machine, list_differences
from sim.workers.job import Job
from sim.workers.pool import Timeouts

RUNNER = """
import os, time
from scenarios.common.errors import InputError

class Jobs:
    def __init__(self, settings, heartbeat):
        self.heartbeat = heartbeat

    def do(self, job, report):
        report({"number": 0})
        if job.work == "refuse":
            raise InputError("that is no data set")
        if job.work == "fail":
            raise RuntimeError("the disk is full")
        if job.work == "hang":
            with self.heartbeat.in_policy():
                time.sleep(600)
        if job.out is not None:
            (job.out / "videos").mkdir()
            (job.out / "videos" / "a.mp4").write_bytes(b"film")
        return {"out": None if job.out is None else str(job.out)}

def describe():
    return {"code": "this"}
"""


@pytest.fixture
def worker(tmp_path, monkeypatch):
    (tmp_path / "node_jobs.py").write_text(RUNNER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    worker = NodeWorker("node_jobs:Jobs", None, Timeouts(policy_s=1.0))
    yield worker
    worker.close()


def finish(worker, job):
    """Do a job; return its events."""
    worker.begin(job)
    found = []
    while not found or found[-1][0] in NOT_LAST:
        found += worker.take_events()
    return found


def test_jobs_give_their_parts_then_their_files_then_their_result(worker, tmp_path):
    part, file, (kind, result) = finish(worker, Job("a", "work", tmp_path / "nowhere"))
    assert part == ("part", {"number": 0})
    assert file == ("file", ("videos/a.mp4", b"film"))
    assert kind == "done"
    assert not (tmp_path / "nowhere").exists()
    assert not Path(result["out"]).exists()
    assert finish(worker, Job("b", "work")) == [("part", {"number": 0}), ("done", {"out": None})]


def test_every_way_to_end_is_told_and_the_next_job_is_done(worker):
    (failed, reason), hung, done, refused = (
        finish(worker, Job(work, work))[-1] for work in ("fail", "hang", "work", "refuse")
    )
    assert failed == "failed"
    assert "the disk is full" in reason
    assert hung == ("hung", ([{"number": 0}], 1.0))
    assert done == ("done", {"out": None})
    assert refused == ("input", "that is no data set")


def test_what_breaks_on_the_node_itself_is_an_end_too(worker, monkeypatch):
    monkeypatch.setattr("tempfile.TemporaryDirectory", lambda **_: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert finish(worker, Job("a", "work")) == [("broken", "OSError: [Errno 28] No space left")]


def test_what_differs_on_a_node_is_named():
    here = {"code": "a", "numpy": "2.4.6"}
    assert list_differences(here, dict(here)) == ""
    assert list_differences(here, {"code": "b"}) == "code b for a, numpy None for 2.4.6"


def test_a_node_says_what_it_is(worker):
    assert worker.describe("node_jobs:describe") == describe_machine("node_jobs:describe") == {"code": "this"}
    assert worker.describe("") == {}
