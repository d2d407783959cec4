"""The named colour as a fourth channel: how like each pixel is to the colour that the instruction names.

A network that takes no words is told by it which of several targets is meant. Light changes a colour's brightness and
leaves most of its direction in RGB space, so that is what is compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from scenarios.objects.colours import COLOURS, TARGET_COLOURS

LEAST_COSINE = (
    0.97  # of two directions that are somewhat alike; those of orange and yellow, the nearest two, have 0.965
)
DARKEST = 30.0  # length of an RGB vector, of 442, below which a pixel's direction is noise


def find_colour(instruction: str) -> np.ndarray:
    """Return the direction (3,) of the first colour of targets that an instruction names; zeros if it names none."""
    named = next((word for word in re.findall(r"[a-z]+", instruction.lower()) if word in TARGET_COLOURS), None)
    if named is None:
        return np.zeros(3, np.float32)
    colour = np.array(COLOURS[named], np.float32)
    return colour / np.sqrt((colour * colour).sum())


def add_likeness(pixels: np.ndarray, colours: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Add a channel to frames (n, h, w, 3) uint8: 255 where a pixel has the direction (n, 3) of its frame's colour."""
    values = pixels.astype(np.float32)
    lengths = np.sqrt((values * values).sum(axis=-1))  # (n, h, w)
    along = (values * np.asarray(colours, np.float32)[:, None, None]).sum(axis=-1)
    cosines = np.where(lengths < DARKEST, 0.0, along / np.maximum(lengths, 1.0))
    likeness = np.clip((cosines - LEAST_COSINE) / (1.0 - LEAST_COSINE), 0.0, 1.0)
    return np.concatenate([pixels, np.round(255.0 * likeness).astype(np.uint8)[..., None]], axis=-1)
