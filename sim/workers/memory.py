"""Gives memory that a worker was allocated but doesn't use back to the system."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MIN_BYTES = 1 << 20  # smaller allocations aren't worth the time


def release_zero_pages() -> int:
    """Give pages that contain only zeros back to the system, and return their size in bytes.

    Meant for use after PyBullet clients are opened: each fills 28 MB, of which it leaves 20 MB zero and hardly ever
    uses. The system provides a page of zeros again when one is used, so no value changes. Another thread could write
    between the check and the release; so in a process with several threads, and on systems other than Linux, nothing
    is done.
    """
    if sys.platform != "linux" or len(os.listdir("/proc/self/task")) > 1:
        return 0
    release = ctypes.CDLL(None, use_errno=True).madvise
    release.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    released = 0
    for start, size in _private_areas():
        for first, last in _zero_runs(start, size):
            if release(start + first * mmap.PAGESIZE, (last - first) * mmap.PAGESIZE, mmap.MADV_DONTNEED) == 0:
                released += (last - first) * mmap.PAGESIZE
    return released


def _private_areas() -> Iterator[tuple[int, int]]:
    """Yield the address and size of each large, writable area of memory that belongs to no file, heap or stack."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *rest = line.split()
        start, end = (int(address, 16) for address in addresses.split("-"))
        if rights == "rw-p" and len(rest) == 3 and end - start >= MIN_BYTES:
            yield start, end - start


def _zero_runs(start: int, size: int) -> list[tuple[int, int]]:
    """Return the first page, and the one after the last, of each run of zero pages in an area of memory."""
    area = np.frombuffer((ctypes.c_char * size).from_address(start), np.uint64)
    used = area.reshape(-1, mmap.PAGESIZE // 8).any(axis=1)
    changes = np.flatnonzero(np.diff(used, prepend=True, append=True))
    return [(int(first), int(last)) for first, last in changes.reshape(-1, 2)]
