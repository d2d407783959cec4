"""What happens to a frame between the camera and the policy: blur, noise, loss."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from scenarios.common.seeding import generator
from scenarios.world import ImageFaults

FULL_RANGE = 255.0
BLUR_REACH = 3.0  # standard deviations; what lies beyond weighs 0.3 %


class Faults:
    """The frames of one episode as they arrive, in the order in which they are taken.

    A frame is blurred by the lens, then the sensor adds its noise, then it may be lost on the way; in its place the one
    that arrived before is seen again. The first frame always arrives.
    """

    def __init__(self, faults: ImageFaults) -> None:
        self.faults = faults
        self.reset()

    def reset(self) -> None:
        """Begin an episode: draw the same noise and the same losses again."""
        self._noise = generator(self.faults.seed, "faults/noise")
        self._losses = generator(self.faults.seed, "faults/losses")
        self._arrived: np.ndarray | None = None

    def apply(self, frame: np.ndarray) -> np.ndarray:
        """The frame that arrives when this one is taken.

        Args:
            frame: (H, W, 3) uint8.

        Returns:
            (H, W, 3) uint8; ``frame`` itself where nothing disturbs it, never a view of it otherwise.
        """
        faults = self.faults
        if faults.drop > 0.0:
            lost = self._losses.random() < faults.drop
            if lost and self._arrived is not None:
                return self._arrived.copy()
        arrived = frame
        if faults.blur_px > 0.0 or faults.noise > 0.0:
            arrived = self._disturbed(frame)
        if faults.drop > 0.0:
            self._arrived = arrived.copy()
        return arrived

    def _disturbed(self, frame: np.ndarray) -> np.ndarray:
        blur_px, noise = self.faults.blur_px, self.faults.noise
        if blur_px > 0.0:
            values = ndimage.gaussian_filter(
                frame, (blur_px, blur_px, 0.0), output=np.float32, mode="nearest", truncate=BLUR_REACH
            )
        else:
            values = frame.astype(np.float32)
        if noise > 0.0:
            added = self._noise.standard_normal(frame.shape, dtype=np.float32)
            added *= noise * FULL_RANGE
            values += added
            np.clip(values, 0.0, FULL_RANGE, out=values)
        values += 0.5  # so that cutting off rounds
        return values.astype(np.uint8)
