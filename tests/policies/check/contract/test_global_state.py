"""Every part of the global state is read, found to have changed, and put back."""

from __future__ import annotations

import os
import random
import signal
import sys
import warnings

import numpy as np
import pytest

from policies.check.contract.global_state import (
    list_random_states,
    list_settings,
    read_state,
    restore_changes,
    seed_generators,
)


def change_numpy() -> None:
    np.random.rand()  # noqa: NPY002


def change_torch() -> None:
    import torch

    torch.set_default_dtype(torch.float64)


CHANGES = {
    "random": random.random,
    "numpy.random": change_numpy,
    "working folder": lambda: os.chdir("/"),
    "environment variables": lambda: os.environ.update(SOME_NAME="1"),
    "warning filters": lambda: warnings.simplefilter("ignore"),
    "signal handlers": lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN),
    "NumPy's error handling": lambda: np.seterr(all="ignore"),
    "recursion limit": lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 1),
    "torch's default number type": change_torch,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_alone_and_put_back(name: str) -> None:
    import torch  # noqa: F401  its state is part of it once it is imported

    parts = list_random_states if name in ("random", "numpy.random") else list_settings
    before = read_state(parts)
    CHANGES[name]()
    assert restore_changes(parts, before) == [name]
    assert restore_changes(parts, before) == []


def test_seeding_with_any_usual_number_is_a_change_once_the_generators_are_seeded() -> None:
    kept = read_state(list_random_states)
    try:
        seed_generators()
        before = read_state(list_random_states)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        assert set(restore_changes(list_random_states, before)) == {"random", "numpy.random"}
    finally:
        restore_changes(list_random_states, kept)
