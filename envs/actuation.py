"""How the base does what it is told: late, with a gain, and slipping."""

from __future__ import annotations

from collections import deque

import numpy as np

from scenarios.seeding import generator
from scenarios.world import Actuation


class Actuator:
    """Between the commands of one episode and its motors."""

    def __init__(self, actuation: Actuation, tick_s: float) -> None:
        self._actuation = actuation
        self._ticks = round(actuation.delay_s / tick_s)
        self.reset()

    def reset(self) -> None:
        self._rng = generator(self._actuation.seed, "actuation")
        self._line: deque[np.ndarray] = deque([np.zeros(3)] * self._ticks)
        self._factor = np.array(self._actuation.gain)

    def begin_step(self) -> None:
        """Draw the slip of a control step."""
        slip = 1.0 + self._actuation.slip * self._rng.standard_normal(3)
        self._factor = np.array(self._actuation.gain) * slip

    def command(self, action: np.ndarray) -> np.ndarray:
        """What the motors get at a tick: the command of ``delay_s`` ago, scaled."""
        self._line.append(np.array(action, dtype=float))
        late: np.ndarray = self._line.popleft() * self._factor
        return late
