"""Image corruption between camera and policy: blur, noise, dropped frames."""

from __future__ import annotations

import numpy as np

from scenarios.common.seeding import make_generator
from scenarios.world import ImageCorruption

FULL_RANGE = 255.0
BLUR_TRUNCATE_SIGMAS = 3.0  # standard deviations; the cut-off weight is 0.3 %


class ImageCorruptor:
    """Corruption of the frames of one episode, in the order in which they are taken.

    A frame is blurred, then noise is added, then it may be dropped, in which case the previous frame is repeated. The
    first frame is never dropped.
    """

    def __init__(self, corruption: ImageCorruption) -> None:
        self.corruption = corruption
        self.reset()

    def reset(self) -> None:
        """Start an episode: restart the sequences of noise and dropped frames."""
        self._noise = make_generator(self.corruption.seed, "faults/noise")
        self._losses = make_generator(self.corruption.seed, "faults/losses")
        self._last_frame: np.ndarray | None = None

    def apply(self, frame: np.ndarray) -> np.ndarray:
        """Return the frame that the policy receives when this one is taken.

        Args:
            frame: (H, W, 3) uint8.

        Returns:
            (H, W, 3) uint8: ``frame`` itself if nothing corrupts it, otherwise an independent array.
        """
        faults = self.corruption
        if faults.drop > 0.0:
            lost = self._losses.random() < faults.drop
            if lost and self._last_frame is not None:
                return self._last_frame.copy()
        arrived = frame
        if faults.blur_px > 0.0 or faults.noise > 0.0:
            arrived = self._corrupt(frame)
        if faults.drop > 0.0:
            self._last_frame = arrived.copy()
        return arrived

    def _corrupt(self, frame: np.ndarray) -> np.ndarray:
        blur_px, noise = self.corruption.blur_px, self.corruption.noise
        if blur_px > 0.0:
            from scipy import ndimage  # slow to import, and most episodes blur nothing

            values = ndimage.gaussian_filter(
                frame, (blur_px, blur_px, 0.0), output=np.float32, mode="nearest", truncate=BLUR_TRUNCATE_SIGMAS
            )
        else:
            values = frame.astype(np.float32)
        if noise > 0.0:
            added = self._noise.standard_normal(frame.shape, dtype=np.float32)
            added *= noise * FULL_RANGE
            values += added
            np.clip(values, 0.0, FULL_RANGE, out=values)
        values += 0.5  # so that truncation rounds
        return values.astype(np.uint8)
