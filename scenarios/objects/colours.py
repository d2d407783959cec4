"""Named colours."""

from __future__ import annotations

import numpy as np

from scenarios.ranges import Range
from scenarios.world import RGBA

RGB = tuple[float, float, float]

# Far enough apart in hue or brightness to stay distinct under all lighting perturbations.
COLOURS: dict[str, RGB] = {
    "red": (0.85, 0.12, 0.10),
    "orange": (0.95, 0.50, 0.08),
    "yellow": (0.95, 0.85, 0.10),
    "green": (0.12, 0.62, 0.20),
    "blue": (0.12, 0.30, 0.85),
    "purple": (0.50, 0.18, 0.65),
    "white": (0.95, 0.95, 0.95),
    "black": (0.10, 0.10, 0.11),
    "brown": (0.45, 0.28, 0.14),
    "grey": (0.50, 0.51, 0.53),
}

TARGET_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple")
OBSTACLE_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black", "brown", "grey")


def named_rgba(name: str) -> RGBA:
    """Return the opaque colour with this name."""
    red, green, blue = COLOURS[name]
    return (red, green, blue, 1.0)


def sample_tint(tint: Range, rng: np.random.Generator) -> RGBA:
    """Sample a colour close to white that multiplies a texture."""
    return (tint.draw(rng), tint.draw(rng), tint.draw(rng), 1.0)


def scale_brightness(colour: RGBA, factor: float) -> RGBA:
    """Scale a colour's brightness, keeping its hue."""
    red, green, blue = (min(1.0, channel * factor) for channel in colour[:3])
    return (red, green, blue, colour[3])
