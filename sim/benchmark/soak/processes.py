"""Processes of a run, by a mark in their environment: its workers, those that outlive it, and its memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MARK = "MOBILE_VLA_SOAK"  # an environment variable, which children inherit
WORKER = b"spawn_main"  # in the command line of a worker
STARTED_S = 3.0  # CPU time of a worker that has its libraries: one that is killed before only starts again


def list_marked(mark: str) -> Iterator[int]:
    """List the processes with a mark, by their ids."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and wanted in _read(folder / "environ").split(b"\0"):
            yield int(folder.name)


def kill_a_worker(mark: str, rng: np.random.Generator) -> int | None:
    """Kill one of the workers with a mark that have started, at random, and return its id; None if there is none."""
    workers = sorted(pid for pid in list_marked(mark) if _is_worker(pid) and cpu_time_s(pid) >= STARTED_S)
    if not workers:
        return None
    chosen = workers[rng.integers(len(workers))]
    try:
        os.kill(chosen, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return chosen


def _is_worker(pid: int) -> bool:
    return WORKER in _read(Path(f"/proc/{pid}/cmdline"))


def cpu_time_s(pid: int) -> float:
    """Return the CPU time of a process; 0 if it has ended."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()  # its name may contain blanks
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def memory_mb(pid: int) -> float | None:
    """Return the resident memory of a process in MiB; None if it has ended."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith(b"VmRSS:"):
            return int(line.split()[1]) / 1024
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or belongs to someone else
        return b""
