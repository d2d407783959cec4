import contextlib
import os

import pytest

from sim.workers.threads import (
    SINGLE_THREAD_ENV,
    _load_blas,
    limit_threads,
    single_blas_thread,
    single_thread_environment,
)


@pytest.fixture(autouse=True)
def many_threads(monkeypatch):
    monkeypatch.setattr(os, "environ", {**os.environ, "OMP_NUM_THREADS": "8"})
    os.environ.pop("MKL_NUM_THREADS", None)


def test_a_process_is_limited_to_one_thread():
    limit_threads()
    assert {name: os.environ[name] for name in SINGLE_THREAD_ENV} == SINGLE_THREAD_ENV


def test_only_processes_that_are_started_meanwhile_are_limited():
    before = dict(os.environ)
    with single_thread_environment():
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ == before


def test_numpys_blas_has_one_thread_in_the_context_and_its_own_number_afterwards():
    blas = _load_blas()
    if blas is None:
        pytest.skip("NumPy has another BLAS")
    read, write = blas
    kept = read()
    write(2)
    with contextlib.suppress(KeyError), single_blas_thread():
        assert read() == 1
        raise KeyError
    assert read() == 2
    write(kept)
