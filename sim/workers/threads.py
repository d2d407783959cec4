"""One thread per process, by the environment variables that numerical libraries read when they are loaded."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

# The number of threads changes sums, and so actions. LP_NUM_THREADS=0 runs llvmpipe, Mesa's software renderer, in the
# calling thread.
SINGLE_THREAD_ENV = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "LP_NUM_THREADS": "0",
    "TOKENIZERS_PARALLELISM": "false",
}


def limit_threads() -> None:
    """Limit the libraries that this process loads from now on to one thread."""
    os.environ.update(SINGLE_THREAD_ENV)


@contextlib.contextmanager
def single_thread_environment() -> Iterator[None]:
    """Limit processes started in this context to one thread; this process's environment is restored at its end."""
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
