"""Laws of measuring in a process of its own."""

import os

import numpy as np

from sim.benchmark.growth import points
from sim.benchmark.growth.points import peak_memory_mb, repeat_timed, run_apart


def hold(megabytes):
    held = np.ones(megabytes * 2**17)
    return os.getpid(), held.nbytes, peak_memory_mb(), os.environ["OMP_NUM_THREADS"]


def test_the_memory_of_each_size_is_its_own():
    process, _, much_mb, threads = run_apart(hold, 400)
    other, _, little_mb, _ = run_apart(hold, 1)
    assert len({process, other, os.getpid()}) == 3
    assert 350 < much_mb - little_mb < 450
    assert threads == "1"


def test_the_first_call_is_not_timed(monkeypatch):
    ticks = iter([10.0, 10.0, 10.1, 10.5])  # began; after no call, one and two
    monkeypatch.setattr(points.time, "process_time", lambda: next(ticks))
    calls = []
    assert repeat_timed(lambda: calls.append(1)) == 0.25
    assert len(calls) == 3
