"""A wrapper that lets the pool's watchdog time the calls of a policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, Policy, PolicySpec
from sim.workers.process import Heartbeat


class MonitoredPolicy:
    """A policy whose calls set the heartbeat, so that the parent notices a call that doesn't return."""

    def __init__(self, policy: Policy, heartbeat: Heartbeat) -> None:
        self._policy = policy
        self._heartbeat = heartbeat

    @property
    def spec(self) -> PolicySpec:
        return self._policy.spec

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        with self._heartbeat.in_policy():
            self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        with self._heartbeat.in_policy():
            return self._policy.act(batch)
