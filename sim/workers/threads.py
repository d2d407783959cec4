"""One thread per process, by the environment variables that numerical libraries read when they are loaded."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from typing import Any

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


@contextlib.contextmanager
def single_blas_thread() -> Iterator[None]:
    """Let NumPy's OpenBLAS, which is loaded, compute with one thread in this context; do nothing with another BLAS."""
    blas = _load_blas()
    if blas is None:
        yield
        return
    read, write = blas
    before = read()
    write(1)
    try:
        yield
    finally:
        write(before)


def _load_blas() -> tuple[Any, Any] | None:
    """The functions that read and set the number of threads of the OpenBLAS in NumPy's wheels."""
    from numpy.linalg import _umath_linalg

    try:
        library = ctypes.CDLL(_umath_linalg.__file__)
        return library.scipy_openblas_get_num_threads64_, library.scipy_openblas_set_num_threads64_
    except (AttributeError, OSError):
        return None
