from __future__ import annotations

import subprocess
import sys

import pytest

ZERO_AND_FULL = """
import mmap, sys, threading
import numpy as np
from sim.workers.memory import release_zero_pages

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE

values = np.empty(8 << 20, np.uint64)  # 64 MB
values[:] = 0
values[1 << 20], values[-1] = 7, 9
if sys.argv[1:] == ["threads"]:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
before = resident()
released = release_zero_pages()
freed = before - resident()
assert values[1 << 20] == 7 and values[-1] == 9 and values.sum() == 16
values[5] = 3
assert values.sum() == 19
print(released >> 20, round(freed / 2**20))
"""


def _released_and_freed_mb(*arguments: str) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", ZERO_AND_FULL, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ":".join(sys.path)},
    )
    released, freed = (int(word) for word in done.stdout.split())
    return released, freed


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_of_zeros_are_released_and_values_stay() -> None:
    released, freed = _released_and_freed_mb()
    assert released >= 60
    assert freed >= 58


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_released_while_another_thread_could_write() -> None:
    assert _released_and_freed_mb("threads") == (0, 0)
