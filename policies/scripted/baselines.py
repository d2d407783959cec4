"""Scripted baselines: standing still, random actions, and driving straight ahead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.seeding import make_generator
from scenarios.robot import CONTROL_PERIOD_S

STILL = (0.0, 0.0, 0.0)


class ConstantPolicy:
    """Policy that always returns the same action."""

    def __init__(self, name: str, action: tuple[float, float, float]) -> None:
        self.spec = PolicySpec(name=name, image_size=None, period_s=CONTROL_PERIOD_S, hold_action=action)
        self._action = np.asarray(action, np.float32)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Do nothing: it has no state."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        return np.tile(self._action, (len(batch.live), 1))


def make_zero_policy() -> ConstantPolicy:
    """Make a policy that never moves: the lower bound of every success rate."""
    return ConstantPolicy("zero", STILL)


def make_straight_policy() -> ConstantPolicy:
    """Make a policy that drives straight ahead at full speed, as a task without obstacles would allow."""
    return ConstantPolicy("straight", (1.0, 0.0, 0.0))


class RandomPolicy:
    """Policy that samples a uniform action at each step, from one generator per slot.

    A slot's samples depend only on the slot, its instruction and the number of its episodes, never on other slots.
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
