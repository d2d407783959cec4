"""Errors of the base's drive, from commanded to executed velocity: delay, gain and slip."""

from __future__ import annotations

from collections import deque

import numpy as np

from scenarios.common.seeding import make_generator
from scenarios.world import Actuation


class Actuator:
    """The base's drive in one episode.

    Args:
        actuation: Delay, gain and slip.
        tick_s: Duration of a drive tick, seconds.

    Raises:
        ValueError: If the delay is not a whole number of ticks.
    """

    def __init__(self, actuation: Actuation, tick_s: float) -> None:
        ticks = actuation.delay_s / tick_s
        if ticks < 0.0 or abs(ticks - round(ticks)) > 1e-6:
            raise ValueError(f"a delay of {actuation.delay_s:g} s is not a whole number of drive ticks of {tick_s:g} s")
        self.actuation = actuation
        self._delay_ticks = round(ticks)
        self._gain = np.array(actuation.gain, dtype=float)
        self.reset()

    def reset(self) -> None:
        """Start an episode: clear delayed commands, and restart the sequence of slips."""
        self._rng = make_generator(self.actuation.seed, "actuation/slip")
        self._delayed_commands = deque([np.zeros(3)] * self._delay_ticks)
        self._factor = self._gain

    def begin_step(self) -> None:
        """Sample the slip of a control step: a factor on each axis around 1, never negative."""
        if self.actuation.slip > 0.0:
            slip = 1.0 + self.actuation.slip * self._rng.standard_normal(3)
            self._factor = self._gain * np.maximum(slip, 0.0)

    def apply(self, action: np.ndarray) -> np.ndarray:
        """Return the action that the base executes in one drive tick.

        Args:
            action: (3,) vx, vy, wz as commanded in this tick.

        Returns:
            (3,) the delayed command times gain and slip; zero until the first command arrives. It can exceed [-1, 1],
            since a base whose gain is too high drives too fast.
        """
        self._delayed_commands.append(np.array(action, dtype=float))
        return self._factor * self._delayed_commands.popleft()
