"""Memory that two processes share, for frames."""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  the place of shared memory


def make_shared_memory(size: int) -> tuple[mmap.mmap, str] | None:
    """Make a file of shared memory; return it and its path, to be unlinked once both sides have it open.

    Args:
        size: In bytes.

    Returns:
        None where there is no room for it.
    """
    try:
        file, path = tempfile.mkstemp(prefix="policy-host-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
    except OSError:
        return None
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, size)  # otherwise a full disk would end this process
        else:
            os.truncate(file, size)
        return mmap.mmap(file, size), path
    except OSError:
        os.unlink(path)
        return None
    finally:
        os.close(file)
