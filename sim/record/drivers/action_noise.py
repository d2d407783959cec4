"""Noise bursts and mixing with the expert, so that recorded data contain recoveries.

Both are sampled for a whole episode at once, from a generator of that episode: they don't depend on the driving.
"""

from __future__ import annotations

import numpy as np

BURST_STEPS = (3, 10)  # shortest and longest burst, both included, in control steps
BURST_SHARE = 0.2  # of all steps that are in a burst
BURST_STRENGTH = (0.25, 0.7)  # length of the offset of (vx, vy), in units of the action
TURN_STRENGTH = 0.5  # largest offset of wz, in units of the action
BURST_JITTER = 0.08  # standard deviation of the white noise on the offset
SEGMENT_STEPS = 10  # control steps that one driver drives at a time in a mixed episode


def draw_noise_bursts(rng: np.random.Generator, steps: int) -> np.ndarray:
    """Sample offsets of the driver's actions: zero except for bursts, each in one steady direction.

    A steady (correlated) offset takes the robot off its path, which white noise doesn't; the expert's next actions are
    the recovery that a learner needs (Laskey et al. 2017, DART, inject noise into the supervisor for the same reason).

    Returns:
        (steps, 3) float32 offsets of (vx, vy, wz), in units of the action.
    """
    shortest, longest = BURST_STEPS
    mean_burst = (shortest + longest) / 2.0
    mean_calm = mean_burst * (1.0 - BURST_SHARE) / BURST_SHARE
    offsets = np.zeros((steps, 3), dtype=np.float32)
    at = int(rng.geometric(1.0 / mean_calm))
    while at < steps:
        length = int(rng.integers(shortest, longest + 1))
        angle, strength = rng.uniform(-np.pi, np.pi), rng.uniform(*BURST_STRENGTH)
        turn = rng.uniform(-TURN_STRENGTH, TURN_STRENGTH)
        offset = np.array([strength * np.cos(angle), strength * np.sin(angle), turn])
        wobbled = offset + rng.normal(0.0, BURST_JITTER, (length, 3))
        offsets[at : at + length] = wobbled[: steps - at]
        at += length + int(rng.geometric(1.0 / mean_calm))
    return offsets


def draw_expert_mask(rng: np.random.Generator, steps: int, share: float) -> np.ndarray:
    """Sample in which steps of a mixed episode the expert drives, by segments of ``SEGMENT_STEPS``.

    This is DAgger's beta (Ross et al. 2011), sampled per segment so that the policy's own mistakes can accumulate.

    Args:
        rng: The episode's own generator.
        steps: Number of control steps.
        share: The probability, in [0, 1], that the expert drives a segment.

    Returns:
        (steps,) bool, True where the expert drives.
    """
    segments = rng.random(-(-steps // SEGMENT_STEPS)) < share
    return np.repeat(segments, SEGMENT_STEPS)[:steps]
