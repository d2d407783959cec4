"""The observation and action spaces of the Gymnasium environments."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np
from gymnasium import spaces

from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE

SPEED_BOUND = 10.0  # m/s and rad/s; far beyond what the motors reach
PLACE_BOUND_M = 1000.0
IMAGE_SIDE_PIXELS = range(8, 4097)


def make_observation_space(image_size: tuple[int, int]) -> spaces.Dict:
    """Make the space of observations with frames of this height and width in pixels."""
    limits = np.array([SPEED_BOUND] * 3 + [PLACE_BOUND_M] * 2 + [np.pi + 1e-3], np.float32)
    return spaces.Dict(
        {
            "pixels": spaces.Box(0, 255, (*image_size, 3), np.uint8),
            "agent_pos": spaces.Box(-limits, limits, dtype=np.float32),
        }
    )


def make_action_space() -> spaces.Box:
    """Make the space of actions, (vx, vy, wz)."""
    return spaces.Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)


def check_image_size(image_size: Sequence[int]) -> tuple[int, int]:
    """Return a frame's height and width in pixels.

    Raises:
        InputError: It isn't two whole numbers in ``IMAGE_SIDE_PIXELS``.
    """
    try:
        height, width = (operator.index(side) for side in image_size)
        if height in IMAGE_SIDE_PIXELS and width in IMAGE_SIDE_PIXELS:
            return height, width
    except (TypeError, ValueError):
        pass  # not numbers, or not two
    smallest, largest = IMAGE_SIDE_PIXELS[0], IMAGE_SIDE_PIXELS[-1]
    raise InputError(
        f"image_size {image_size!r} is not possible: give height and width, two whole numbers from {smallest} to "
        f"{largest}"
    )
