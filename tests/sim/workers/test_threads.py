import os

import pytest

from sim.workers.threads import SINGLE_THREAD_ENV, limit_threads, single_thread_environment


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
