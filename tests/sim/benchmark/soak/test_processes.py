"""Processes are found by their mark, and only workers among them are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from scenarios.common.seeding import make_generator
from sim.benchmark.soak import processes
from sim.benchmark.soak.processes import MARK, cpu_time_s, kill_a_worker, list_marked, memory_mb

SLEEP = "import sys, time; print('up', flush=True); time.sleep(60)"


def start(mark: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SLEEP, *words]
    process = subprocess.Popen(command, env={**os.environ, MARK: mark}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.fixture
def mark() -> Iterator[str]:
    mark = f"test-{os.getpid()}-{time.time_ns()}"
    yield mark
    for pid in list_marked(mark):
        os.kill(pid, 9)


def test_only_a_worker_with_the_mark_is_killed(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STARTED_S", 0.0)
    other, parent, worker = start(mark + "x", "spawn_main"), start(mark), start(mark, "spawn_main")
    assert set(list_marked(mark)) == {parent.pid, worker.pid}
    rng = make_generator(0, "test")
    assert kill_a_worker(mark, rng) == worker.pid
    assert worker.wait(30) == -9
    assert kill_a_worker(mark, rng) is None
    assert other.poll() is None
    assert parent.poll() is None
    other.kill()
    parent.kill()
    for process in (other, parent, worker):
        process.communicate()


def test_memory_is_that_of_the_process_while_it_lives(mark: str) -> None:
    process = start(mark)
    used = memory_mb(process.pid)
    assert used is not None
    assert 2 < used < 200
    process.kill()
    process.communicate()
    assert memory_mb(process.pid) is None


def test_a_worker_that_has_not_started_yet_is_spared(mark: str) -> None:
    process = start(mark, "spawn_main")
    assert 0.0 <= cpu_time_s(process.pid) < processes.STARTED_S
    assert kill_a_worker(mark, make_generator(0, "test")) is None
    process.kill()
    process.communicate()
    assert cpu_time_s(process.pid) == 0.0
    assert 0.0 < cpu_time_s(os.getpid()) <= time.process_time() + 0.1
