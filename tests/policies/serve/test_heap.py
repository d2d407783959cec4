from __future__ import annotations

import subprocess
import sys

import pytest

ARRAYS = """
import resource, sys, threading
import numpy as np
from policies.serve.heap import keep_heap

if sys.argv[1] == "kept":
    keep_heap()

def work():
    for turn in range(40):
        held = [np.ones(3 << 20, np.uint8) for _ in range(4)]
        del held
        if turn == 9:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone has these parameters")
def test_arrays_of_the_same_size_need_no_new_pages_each_time() -> None:
    def count_faults(how: str) -> int:
        ran = subprocess.run([sys.executable, "-c", ARRAYS, how], capture_output=True, text=True, check=True)
        return int(ran.stdout)

    assert count_faults("kept") < 3000  # of 92,160 pages in 30 turns
    assert count_faults("kept") < count_faults("as usual") / 2
