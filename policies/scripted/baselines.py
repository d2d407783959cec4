"""Scripted policies that set the scale: what doing nothing, anything, or always the same reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.seeding import make_generator
from scenarios.robot import CONTROL_PERIOD_S

STILL = (0.0, 0.0, 0.0)


class ConstantPolicy:
    """Always the same action."""

    def __init__(self, name: str, action: tuple[float, float, float]) -> None:
        self.spec = PolicySpec(name=name, image_size=None, period_s=CONTROL_PERIOD_S, hold_action=action)
        self._action = np.asarray(action, np.float32)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Nothing to forget."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return np.tile(self._action, (len(batch.live), 1))


def make_zero_policy() -> ConstantPolicy:
    """Never moves: the floor of every success rate."""
    return ConstantPolicy("zero", STILL)


def make_straight_policy() -> ConstantPolicy:
    """Full speed ahead: what a task without obstacles would let pass."""
    return ConstantPolicy("straight", (1.0, 0.0, 0.0))


class RandomPolicy:
    """A fresh uniform action each step, from one generator per slot.

    A slot's draws depend on the slot, its instruction and how many episodes it has begun: never on other slots.
    """

    spec = PolicySpec(name="random", image_size=None, period_s=CONTROL_PERIOD_S, hold_action=STILL)

    def __init__(self) -> None:
        self._resets: dict[int, int] = {}
        self._generators: dict[int, np.random.Generator] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            count = self._resets.get(slot, 0)
            self._resets[slot] = count + 1
            self._generators[slot] = make_generator(slot, f"random/{count}/{instruction}")

    def act(self, batch: ObservationBatch) -> np.ndarray:
        draws = [self._generators[slot].uniform(-1.0, 1.0, 3) for slot in range(len(batch.live))]
        return np.asarray(draws, np.float32)
