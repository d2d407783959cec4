"""Comparison of an exported file with its policy on the same frames."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from policies.export.adapters import ExportablePolicy
from policies.onnx.policy import OnnxPolicy
from policies.policy import ObservationBatch

INSTRUCTIONS = (
    "drive down the corridor to the red ball",
    "Navigate around the single box obstacle by going left to track the target cup",
    "go",
    "find the blue barrel in the room on the right, please; and an unknownword",
)


class ParityResult(NamedTuple):
    """Differences between the actions of two forms of one policy."""

    mae: float
    """Mean absolute difference."""
    largest: float
    """Largest absolute difference."""


def measure_parity(file: Path, policy: ExportablePolicy, frames: int) -> ParityResult:
    """Measure the differences over ``frames`` frames of an episode for each of ``INSTRUCTIONS``.

    The file and the policy each keep their own memory.
    """
    onnx_policy = OnnxPolicy.load(file, policy.policy.spec.name)
    for each in (onnx_policy, policy.policy):
        each.reset(range(len(INSTRUCTIONS)), INSTRUCTIONS)
    size = policy.policy.spec.image_size or (0, 0)
    live = np.ones(len(INSTRUCTIONS), bool)
    differences = []
    for number in range(frames):
        pixels = np.stack([draw_frame(size, slot, number) for slot in range(len(INSTRUCTIONS))])
        batch = ObservationBatch(pixels, np.zeros((len(live), 6), np.float32), live)
        differences.append(np.abs(onnx_policy.act(batch) - policy.policy.act(batch)))
    return ParityResult(float(np.mean(differences)), float(np.max(differences)))


def draw_frame(size: tuple[int, int], episode: int, number: int) -> np.ndarray:
    """Draw a synthetic frame (H, W, 3) uint8: every third is noise, the others show approaching boxes in a room."""
    height, width = size
    rng = np.random.default_rng([episode, number])
    if number % 3 == 2:
        return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    scene = np.random.default_rng([episode])
    down = np.linspace(0.0, 1.0, height)[:, None, None]
    picture = np.where(down < 0.45, 190.0 - 60.0 * down, 90.0 + 70.0 * down) * np.ones((1, width, 3))
    for _ in range(4):
        colour, left, near = scene.integers(20, 236, 3), scene.uniform(0.0, 0.9), scene.uniform(0.05, 0.2)
        near *= 1.0 + 0.1 * number
        rows = slice(int(0.45 * height), int(min(0.45 + near, 1.0) * height))
        picture[rows, int(left * width) : int((left + near) * width)] = colour
    return np.clip(picture + rng.normal(0.0, 2.0, picture.shape), 0, 255).astype(np.uint8)
