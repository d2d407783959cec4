"""A policy that declares a dictionary is driven as it is."""

from __future__ import annotations

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from policies.specs.declared import DeclaredPolicy


class Plain:
    spec = {"rate_hz": 10}  # noqa: RUF012  as a stranger writes it

    def reset(self, slots, instructions):
        self.told = (list(slots), list(instructions))

    def act(self, batch):
        return np.full((len(batch.live), 3), self.spec["rate_hz"] / 100, np.float32)


def test_calls_reach_the_policy_which_keeps_its_dictionary() -> None:
    plain, spec = Plain(), PolicySpec("plain", None, 0.1, (0.0, 0.0, 0.0))
    policy = DeclaredPolicy(plain, spec)
    policy.reset([0, 1], ["go", "stop"])
    batch = ObservationBatch(None, np.zeros((2, 6), np.float32), np.ones(2, bool))
    assert plain.told == ([0, 1], ["go", "stop"])
    assert np.allclose(policy.act(batch), 0.1)
    assert (policy.spec, plain.spec) == (spec, {"rate_hz": 10})
