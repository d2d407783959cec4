"""The latest frames of every slot, for policies that take several."""

from __future__ import annotations

from collections import deque

import numpy as np


class FrameHistory:
    """The latest frames of a batch of slots.

    Args:
        frames: Number of frames that an observation contains.
    """

    def __init__(self, frames: int) -> None:
        self._kept: deque[np.ndarray] = deque(maxlen=frames)

    def add(self, pixels: np.ndarray) -> None:
        """Add the current frames (n, H, W, 3); the first ones stand for all that would be older."""
        missing = (self._kept.maxlen or 1) - len(self._kept)
        self._kept.extend([pixels] * max(1, missing))

    def stack(self) -> np.ndarray:
        """Return the frames (n, frames, H, W, 3), the oldest first; (n, H, W, 3) where an observation has one."""
        if self._kept.maxlen == 1:
            return self._kept[0]
        return np.stack(self._kept, axis=1)
