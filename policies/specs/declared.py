"""A policy whose spec is a dictionary, as its own code keeps it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, Policy, PolicySpec


class DeclaredPolicy:
    """A policy with the ``PolicySpec`` that its dictionary declares; the policy itself isn't changed.

    Args:
        policy: The policy.
        spec: What it declares.
    """

    def __init__(self, policy: Policy, spec: PolicySpec) -> None:
        self._policy, self.spec = policy, spec

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return self._policy.act(batch)
