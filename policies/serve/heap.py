"""Keeps the heap of a server, whose every answer needs arrays of the same sizes."""

from __future__ import annotations

import ctypes
import sys

# glibc's numbers of the parameters, and their values in bytes: smaller arrays come from the heap, and free memory at
# its end stays up to this size. Its defaults give them back at once, and each answer pays for zeroing new pages.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_LARGE_BYTES, _SPARE_BYTES = 32 << 20, 64 << 20


def keep_heap() -> None:
    """Keep freed arrays in the heap for the next ones; only under glibc."""
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _SPARE_BYTES)
