"""A policy whose calls are watched: what it answered, whether that was valid, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from policies.answers import convert_answer
from policies.formats.action_format import VELOCITY
from policies.policy import ObservationBatch, Policy, PolicySpec
from sim.offline.metrics.evidence import EpisodeCalls

LARGEST_ACTION = 1.0 + 1e-3
GREY = 128


class PolicyCall(NamedTuple):
    """A call with a batch of n slots."""

    live: np.ndarray  # (n,) bool
    sound: np.ndarray  # (n,) bool, whether the actions to execute are finite and within range
    seconds: float
    actions: np.ndarray  # (n, c, 3)


class WatchedPolicy:
    """A policy that answers as another does, in the environment's actions, and keeps its calls since the last reset.

    An action that isn't finite counts as standing still, so that a policy that sometimes answers nonsense has errors,
    and a validity below 1.

    Args:
        policy: The policy that answers.
        blank: Whether it is shown grey frames instead.
        clock: Tells the time in seconds.
    """

    def __init__(self, policy: Policy, *, blank: bool = False, clock: Callable[[], float] = time.perf_counter) -> None:
        self.calls: list[PolicyCall] = []
        self.frames = 0
        """Frames that it was asked about in all."""
        self._policy = policy
        self._blank = blank
        self._clock = clock

    @property
    def spec(self) -> PolicySpec:
        """The policy's own spec, but for velocities."""
        return replace(self._policy.spec, action=VELOCITY)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self.calls.clear()
        self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        if self._blank and batch.pixels is not None:
            batch = replace(batch, pixels=np.full_like(batch.pixels, GREY))
        began = self._clock()
        answer = np.asarray(self._policy.act(batch), np.float32)
        seconds = self._clock() - began
        spec = self._policy.spec
        actions = convert_answer(spec, answer, len(batch.live))
        sound = (np.abs(actions[:, : spec.executed_actions]) <= LARGEST_ACTION).all(axis=(1, 2))  # NaN isn't
        actions = np.where(np.isfinite(actions), actions, np.float32(0.0))
        self.calls.append(PolicyCall(batch.live.copy(), sound, seconds, actions))
        self.frames += int(batch.live.sum())
        return actions

    def take_calls(self, slot: int) -> EpisodeCalls:
        """Return the calls in which a slot's episode ran."""
        own = [call for call in self.calls if call.live[slot]]
        return EpisodeCalls(
            np.array([call.sound[slot] for call in own], bool),
            np.array([call.seconds / max(1, int(call.live.sum())) for call in own]),
            np.stack([call.actions[slot] for call in own]),
        )
