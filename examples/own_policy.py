"""A policy of your own: turn towards the most colourful part of the picture, and drive.

Run: python -m sim.evaluate --policy examples/own_policy.py:ColourSeeker --scenario corridor --episodes 2 --no-offline
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, PolicySpec


class ColourSeeker:
    """Drive ahead and turn towards saturated colours; walls and floors are grey."""

    spec = PolicySpec(name="colour-seeker", image_size=(224, 224), period_s=0.1, hold_action=(0.0, 0.0, 0.0))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start episodes. This policy remembers nothing and doesn't listen."""

    def act(self, batch: ObservationBatch) -> np.ndarray:
        """Return (n, 3) actions in [-1, 1]: vx, vy, wz in the body frame; left is positive."""
        assert batch.pixels is not None
        frames = batch.pixels.astype(np.float32)  # (n, 224, 224, 3), RGB
        saturation = np.clip(frames.max(axis=-1) - frames.min(axis=-1) - 80.0, 0.0, None)  # (n, 224, 224)
        columns = saturation.sum(axis=1)  # (n, 224)
        centre = (columns * np.linspace(-1.0, 1.0, 224)).sum(axis=1) / (columns.sum(axis=1) + 1e-6)  # (n,)
        actions = np.zeros((len(frames), 3), np.float32)
        actions[:, 0] = 0.5
        actions[:, 2] = -0.8 * centre
        return actions
