"""Each policy of the soak misbehaves in its own way, but for the one that doesn't."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.benchmark.soak import policies
from sim.benchmark.soak.policies import MISBEHAVING, Calm, Raises

BATCH = SimpleNamespace(live=np.ones(3, bool))


def test_the_calm_one_drives_on() -> None:
    policy = Calm()
    policy.reset([0, 1, 2], [""] * 3)
    assert [policy.act(BATCH)[:, 0].tolist() for _ in range(6)] == [[1.0] * 3] * 6


def test_one_misbehaves_at_its_fourth_call_in_each_episode() -> None:
    policy = Raises()
    for _ in range(2):
        policy.reset([0, 1, 2], [""] * 3)
        for _ in range(3):
            policy.act(BATCH)
        with pytest.raises(RuntimeError):
            policy.act(BATCH)


def test_all_that_are_named_exist_and_override_what_the_calm_one_does() -> None:
    for name in MISBEHAVING:
        assert getattr(policies, name).misbehave is not Calm.misbehave
