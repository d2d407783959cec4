"""Augmentation of whole episodes: mirrored, played backwards, with noisy and scaled actions; corrected or as published.

Source: the public repository minuum/vla, ``AugmentedDataGenerator``. As published, a flip leaves the instruction
and the turn rate unchanged, playing backwards reverses vx alone and leaves each action with its own frame, and speed
scales vx alone. (The published code also sets the labels of random frames to 0; the description doesn't mention that,
so it is left out.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from policies.train.data.windows import MIRROR_SIGNS, mirror_instruction
from scenarios.common.errors import unknown_name

COPIES = 2  # of each episode, the first unchanged; the published ten take an hour on two CPU cores
FLIP, BACKWARDS, NOISE, SPEED = 0.5, 0.3, 0.8, 0.3  # probabilities
NOISE_SD = np.array([0.005, 0.0025, 0.0], np.float32)
SPEEDS = (0.8, 1.2)
RIGHT, PUBLISHED = "right", "published"


class AugmentedEpisode(NamedTuple):
    """An augmented episode of t frames."""

    order: np.ndarray  # (t,) int64: the original frame at each step
    mirrored: bool  # whether the frames are mirrored
    actions: np.ndarray  # (t, 3) float32 in [-1, 1], one per frame in the new order
    instruction: str


def augment_episode(actions: np.ndarray, instruction: str, way: str, rng: np.random.Generator) -> AugmentedEpisode:
    """Sample one augmented copy of an episode with these actions (t, 3).

    Args:
        way: "right" or "published".

    Raises:
        InputError: ``way`` is neither.
    """
    if way not in (RIGHT, PUBLISHED):
        raise unknown_name("augmentation", way, (RIGHT, PUBLISHED))
    right = way == RIGHT
    flip, backwards, noisy, faster = rng.random(4) < (FLIP, BACKWARDS, NOISE, SPEED)
    scale = rng.uniform(*SPEEDS)
    noise = rng.normal(size=actions.shape)
    changed: np.ndarray = actions
    order = np.arange(len(actions))
    if flip:
        changed = changed * (MIRROR_SIGNS if right else np.array([1.0, -1.0, 1.0], np.float32))
        instruction = mirror_instruction(instruction) if right else instruction
    if backwards:
        order = order[::-1]
        changed = _reverse_actions(changed) if right else changed[::-1] * np.array([-1.0, 1.0, 1.0], np.float32)
    if noisy:
        changed = changed + noise * NOISE_SD
    if faster:
        changed = changed * (scale if right else np.array([scale, 1.0, 1.0]))
    return AugmentedEpisode(order, bool(flip), np.clip(changed, -1.0, 1.0).astype(np.float32), instruction)


def _reverse_actions(actions: np.ndarray) -> np.ndarray:
    """Return the actions of the drive back: at each frame the opposite of the action that led to it, then zero."""
    return np.concatenate([-actions[:-1][::-1], np.zeros((1, actions.shape[1]), np.float32)])
