"""One thread per process: the environment variables that numerical libraries read when they are loaded."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

# Thread counts change sums, and so actions. LP_NUM_THREADS=0 keeps llvmpipe, Mesa's software renderer, in its caller.
SINGLE_THREAD_ENV = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",
    "TOKENIZERS_PARALLELISM": "false",
}


def limit_threads() -> None:
    """Have the libraries that this process loads from now on use one thread."""
    os.environ.update(SINGLE_THREAD_ENV)


@contextlib.contextmanager
def single_thread_environment() -> Iterator[None]:
    """Let processes that are started meanwhile use one thread; this process's own environment is restored."""
    before = {name: os.environ.get(name) for name in SINGLE_THREAD_ENV}
    limit_threads()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
