from __future__ import annotations

import subprocess
import sys

import pytest

RESIDENT = """
import mmap, sys, threading
import numpy as np
from sim.workers.memory import limit_heap, release_zero_pages, trim_heap

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE / 2**20
"""
ZEROS = """
values = np.empty(8 << 20, np.uint64)  # 64 MB
values[:] = 0
values[1 << 20], values[-1] = 7, 9
if sys.argv[1:] == ["threads"]:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
before = resident_mb()
released = release_zero_pages()
freed = before - resident_mb()
assert values[1 << 20] == 7 and values[-1] == 9 and values.sum() == 16
values[5] = 3
assert values.sum() == 19
print(released / 2**20, freed)
"""
GAPS = """
if sys.argv[1:] == ["limit"]:
    limit_heap()
np.ones(25 << 20, np.uint8)  # freed at once: glibc now keeps smaller arrays in the heap
kept = []
large = []
for number in range(5):
    large.append(np.ones(20 << 20, np.uint8))
    kept.append([np.ones(1000) for _ in range(100)])
before = resident_mb()
large.clear()
print(before - resident_mb())
"""
PIECES = """
pieces = [np.ones(100_000, np.uint8) for _ in range(500)]
del pieces[:-1]
before = resident_mb()
trim_heap()
print(before - resident_mb())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _run(script: str, *arguments: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", RESIDENT + script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ":".join(sys.path)},
    )
    return [float(word) for word in done.stdout.split()]


def test_pages_of_zeros_are_released_and_values_stay():
    released, freed = _run(ZEROS)
    assert released >= 60
    assert freed >= 58


def test_nothing_is_released_while_another_thread_could_write():
    released, freed = _run(ZEROS, "threads")
    assert released == 0
    assert abs(freed) < 1


def test_freed_large_arrays_leave_no_gaps_in_a_limited_heap():
    (freed,) = _run(GAPS, "limit")
    assert freed > 95


def test_trimming_gives_free_pages_between_used_ones_back():
    (freed,) = _run(PIECES)
    assert freed > 40
