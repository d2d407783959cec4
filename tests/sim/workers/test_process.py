"""Laws of a worker process: what it tells its parent, and when it shows life."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from sim.workers.job import Job
from sim.workers.process import Heartbeat, run_worker

RUNNER = """
import os
from scenarios.common.errors import InputError

print("greeting of an import")

class Jobs:
    def __init__(self, settings, heartbeat):
        if settings == "bad":
            raise InputError("no such renderer")

    def do(self, job, report):
        if job.work == "parts":
            report({"number": 1})
        elif job.work == "print":
            print("printed by a policy")
            os.system("echo printed by its child")
        elif job.work == "nan":
            return {"value": float("nan")}
        elif job.work == "input":
            raise InputError("no such data set")
        elif job.work == "error":
            raise RuntimeError("the disk is full")
        return {"leads its group": os.getpid() == os.getpgid(0)}
"""


def test_the_clocks_tell_whether_a_worker_is_in_its_policy_and_when_it_last_showed_life() -> None:
    clocks = [0.0, 0.0]
    heartbeat, before = Heartbeat(clocks), time.monotonic()
    with heartbeat.in_policy():
        assert clocks[0] >= before
        assert clocks[1] == 0.0
    assert clocks[0] == 0.0
    assert clocks[1] >= before


def test_a_policy_that_raises_is_no_longer_in_its_call() -> None:
    clocks = [0.0, 0.0]
    with pytest.raises(RuntimeError), Heartbeat(clocks).in_policy():
        raise RuntimeError
    assert clocks[0] == 0.0


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], tuple[Connection, Any]]]:
    """Start a worker with these settings; its link, and the process."""
    (tmp_path / "runner_of_this_test.py").write_text(RUNNER)
    monkeypatch.syspath_prepend(tmp_path)
    context = multiprocessing.get_context("spawn")
    processes = []

    def start(settings: str = "") -> tuple[Connection, Any]:
        ours, theirs = context.Pipe()
        clocks = context.RawArray("d", [0.0, 0.0])
        process = context.Process(
            target=run_worker, args=("runner_of_this_test:Jobs", settings, theirs, clocks), daemon=True
        )
        process.start()
        theirs.close()
        processes.append(process)
        return ours, process

    yield start
    for process in processes:
        process.kill()
        process.join()


def hear(link: Connection) -> dict[str, Any]:
    assert link.poll(30.0)
    message: dict[str, Any] = json.loads(link.recv_bytes())
    return message


def test_a_worker_is_ready_does_its_jobs_in_order_and_ends_when_its_parent_hangs_up(start) -> None:
    link, process = start()
    assert hear(link) == {"kind": "ready"}
    link.send(Job("a", "parts"))
    link.send(Job("b", "plain"))
    assert hear(link) == {"kind": "part", "part": {"number": 1}}
    assert [hear(link)["kind"] for _ in range(2)] == ["done", "done"]
    link.close()
    process.join(30.0)
    assert process.exitcode == 0


def test_a_worker_ignores_ctrl_c_and_leads_a_process_group_of_its_own(start) -> None:
    link, process = start()
    hear(link)
    os.kill(process.pid, signal.SIGINT)
    link.send(Job("a", "plain"))
    assert hear(link) == {"kind": "done", "result": {"leads its group": True}}


def test_standard_output_is_the_parent_s_alone(start, capfd: pytest.CaptureFixture[str]) -> None:
    link, _ = start()
    hear(link)
    link.send(Job("a", "print"))
    hear(link)
    link.send(Job("b", "error"))  # its end flushes what was printed
    hear(link)
    link.close()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "printed by its child" in printed.err


@pytest.mark.parametrize(
    ("work", "kind", "words"),
    [
        ("input", "input", "no such data set"),
        ("error", "broken", "RuntimeError: the disk is full"),
        ("nan", "broken", "Out of range float values"),
    ],
)
def test_an_error_is_told_with_its_reason_and_is_the_worker_s_last_word(start, work, kind, words) -> None:
    link, process = start()
    hear(link)
    link.send(Job("a", work))
    message = hear(link)
    assert message["kind"] == kind
    assert words in message["text"]
    process.join(30.0)
    with pytest.raises(EOFError):
        link.recv_bytes()


def test_bad_settings_are_told_before_any_job(start) -> None:
    link, _ = start("bad")
    assert hear(link) == {"kind": "input", "text": "no such renderer"}


HANGING = """
import os, pathlib

class Jobs:
    def __init__(self, settings, heartbeat): ...

    def do(self, job, report):
        pathlib.Path(job.work).write_text(str(os.getpid()))
        while True:
            pass
"""
PARENT = """
import sys
from sim.workers.job import Job
from sim.workers.pool import Timeouts, WorkerPool
with WorkerPool("hanging_runner:Jobs", None, 1, Timeouts()) as pool:
    pool.run([Job("hang", sys.argv[1])], None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is Linux that ends it")
def test_a_worker_whose_policy_hangs_ends_with_a_parent_that_is_killed(tmp_path) -> None:
    (tmp_path / "hanging_runner.py").write_text(HANGING)
    path = os.pathsep.join([str(Path(__file__).parents[3]), str(tmp_path)])
    told = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", PARENT, str(told)], env={**os.environ, "PYTHONPATH": path}) as parent:
        assert _wait_until(lambda: told.exists() and bool(told.read_text()))
        parent.kill()
    stat = Path(f"/proc/{told.read_text()}/stat")
    assert _wait_until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


def _wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
