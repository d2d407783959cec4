"""What a size of work costs, measured in a process of its own, so that memory is that of this size alone."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from sim.workers.threads import single_thread_environment

Result = TypeVar("Result")
MIN_TURN_S = 0.3  # of CPU time, for what is repeated


class Point(NamedTuple):
    """The cost of a size of work."""

    size: int
    seconds: float
    """CPU time."""
    memory_mb: float
    """Largest resident memory of the process until then, MiB."""


def run_apart(function: Callable[..., Result], *arguments: object) -> Result:
    """Run a function in a new process, with one thread, and return its result."""
    context = multiprocessing.get_context("spawn")
    with single_thread_environment(), ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def repeat_timed(function: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, the mean over as many as take ``MIN_TURN_S``, after one that isn't timed."""
    function()
    began, calls = time.process_time(), 0
    while (passed := time.process_time() - began) < MIN_TURN_S or not calls:
        function()
        calls += 1
    return passed / calls


def peak_memory_mb() -> float:
    """Return this process's largest resident memory so far in MiB, its parent's not included."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
