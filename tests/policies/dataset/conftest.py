"""Synthetic demonstrations: smooth moving pictures, random states and actions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from policies.dataset import Demonstration, FrameCaption, SceneRef, SeenObject

MakeDemonstration = Callable[..., Demonstration]


def smooth_frames(length: int, size: int, phase: float) -> np.ndarray:
    """(length, size, size, 3) uint8: slow waves of colour that move, so that each frame differs from its neighbours."""
    y, x = np.mgrid[0:size, 0:size] / size
    t = np.arange(length)[:, None, None] * 0.35 + phase
    waves = [127 + 90 * np.sin(2.5 * x + k * y + t + k) for k in range(3)]
    return np.stack(waves, axis=-1).round().astype(np.uint8)


def make(length: int, number: int = 0, size: int = 64, **changes: object) -> Demonstration:
    rng = np.random.default_rng((length, number))
    values: dict[str, object] = {
        "scene": SceneRef("corridor", 2**62 + 7, number),
        "instruction": ["drive to the red ball", "go to the blue cone"][number % 2],
        "success": number % 3 != 2,
        "source": "expert",
        "pixels": smooth_frames(length, size, phase=number),
        "agent_pos": rng.normal(size=(length, 6)).astype(np.float32),
        "actions": rng.uniform(-1, 1, (length, 3)).astype(np.float32),
        "executed": rng.uniform(-1, 1, (length, 3)).astype(np.float32),
        "noise_burst": rng.random(length) < 0.3,
        "clearance_m": rng.uniform(0, 2, length).astype(np.float32),
        "captions": (FrameCaption(length - 1, (SeenObject("red ball", (0.1, 0.2, 1 / 3, 1.0)),)),),
    }
    return Demonstration(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def demonstration() -> MakeDemonstration:
    """``demonstration(length, number, size, **changes)`` makes one, always the same for the same arguments."""
    return make
