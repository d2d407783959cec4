"""Policies that misbehave, as strangers' code: they need nothing of this project, and live in hosts of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np


class Calm:
    """Drives straight ahead; the base of those that don't."""

    spec: ClassVar[dict[str, Any]] = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}

    def __init__(self) -> None:
        self.calls = 0

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in each slot."""
        self.calls = 0

    def act(self, batch: Any) -> np.ndarray:
        """Answer, and misbehave at the fourth call."""
        self.calls += 1
        if self.calls == 4:
            self.misbehave()
        actions = np.zeros((len(batch.live), 3), np.float32)
        actions[:, 0] = 1.0
        return actions

    def misbehave(self) -> None:
        """Do nothing."""


class Raises(Calm):
    """Raises an error."""

    def misbehave(self) -> None:
        raise RuntimeError("no idea")


class Exits(Calm):
    """Ends its process."""

    def misbehave(self) -> None:
        os._exit(7)


class Crashes(Calm):
    """Ends as a segmentation fault would."""

    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Hangs(Calm):
    """Doesn't return."""

    def misbehave(self) -> None:
        time.sleep(3600.0)


MISBEHAVING = ("Raises", "Exits", "Crashes", "Hangs")
