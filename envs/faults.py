"""What happens to frames between camera and policy: noise, blur, losses."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from scenarios.seeding import generator
from scenarios.world import ImageFaults


class Faults:
    """The faults of one episode's frames, applied in the order in which the frames are taken."""

    def __init__(self, faults: ImageFaults) -> None:
        self._faults = faults
        self.reset()

    def reset(self) -> None:
        self._rng = generator(self._faults.seed, "image-faults")
        self._last: np.ndarray | None = None

    def apply(self, frame: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 as the policy gets it."""
        faults = self._faults
        if faults == ImageFaults():
            return frame
        lost = self._rng.random() < faults.drop
        if lost and self._last is not None:
            return self._last
        seen = frame.astype(np.float32)
        if faults.blur_px > 0.0:
            seen = ndimage.gaussian_filter(seen, (faults.blur_px, faults.blur_px, 0.0))
        if faults.noise > 0.0:
            seen = seen + self._rng.standard_normal(seen.shape, np.float32) * np.float32(255.0 * faults.noise)
        self._last = np.clip(np.rint(seen), 0.0, 255.0).astype(np.uint8)
        return self._last
