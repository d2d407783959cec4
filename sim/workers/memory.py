"""Gives memory that a worker was allocated but doesn't use back to the system."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

# Python takes its own memory in arenas of this size and fills them from the front. It may need a new page of one
# between the check and the release, so the first zeros after a used page are left alone: beyond them is no arena.
PYTHON_ARENA_BYTES = 1 << 20
MOST_BYTES = 256 << 20  # of an area: PyBullet's are smaller

# glibc's numbers of the parameters, and their values in bytes: a freed array of this size goes back to the system at
# once, and so does free memory at the end of the heap beyond what is spared. Lower values cost time in every step.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_LARGE_BYTES, _SPARE_BYTES = 8 << 20, 16 << 20


def limit_heap() -> None:
    """Keep large arrays and free memory from staying in the heap; only under glibc.

    By default glibc raises both thresholds, up to 32 MB and 64 MB, whenever a large array is freed.
    """
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _SPARE_BYTES)


def trim_heap() -> None:
    """Give free pages within the heap back to the system, for use after a job; only under glibc."""
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def release_zero_pages() -> int:
    """Give pages that contain only zeros back to the system, and return their size in bytes.

    Meant for use after PyBullet clients are opened: each fills 28 MB, mostly with zeros that it hardly ever uses. The
    system provides a page of zeros again when one is used, so no value changes. Another thread could write between the
    check and the release; so in a process with several threads, and on systems other than Linux, nothing is done.
    """
    if sys.platform != "linux" or len(os.listdir("/proc/self/task")) > 1:
        return 0
    release = ctypes.CDLL(None, use_errno=True).madvise
    release.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    released = 0
    for start, size in _private_areas():
        try:
            runs = _zero_runs(start, size)
        except OSError:
            continue  # it was given back since it was listed
        for first, end in runs:
            first += PYTHON_ARENA_BYTES
            if first < end and release(first, end - first, mmap.MADV_DONTNEED) == 0:
                released += end - first
    return released


def _private_areas() -> Iterator[tuple[int, int]]:
    """Yield the address and size of each large, writable area of memory that belongs to no file, heap or stack."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, *rest = line.split()
        start, end = (int(address, 16) for address in addresses.split("-"))
        if rights == "rw-p" and len(rest) == 3 and PYTHON_ARENA_BYTES < end - start <= MOST_BYTES:
            yield start, end - start


def _zero_runs(start: int, size: int) -> list[tuple[int, int]]:
    """Return the first address, and the one after the last, of each run of zero pages in an area of memory."""
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:  # fails with an error where nothing is any more
        memory.seek(start)
        content = memory.read(size)
    pages = content[: len(content) - len(content) % mmap.PAGESIZE]
    used = np.frombuffer(pages, np.uint64).reshape(-1, mmap.PAGESIZE // 8).any(axis=1)
    changes = start + mmap.PAGESIZE * np.flatnonzero(np.diff(used, prepend=True, append=True))
    return [(int(first), int(end)) for first, end in changes.reshape(-1, 2)]
