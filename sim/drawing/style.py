"""The style that all pictures share: colours, fonts, and the rectangle of a panel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

Colour = tuple[int, int, int]

BACKGROUND: Colour = (17, 21, 28)
PANEL: Colour = (28, 34, 44)
TEXT: Colour = (236, 239, 244)
FAINT: Colour = (140, 150, 166)
DRIVEN_PATH: Colour = (64, 156, 255)
EXPERT_PATH: Colour = (255, 255, 255)
GOAL: Colour = (64, 214, 120)
WRONG_TARGET: Colour = (240, 100, 90)
MOVER: Colour = (250, 190, 70)
RUNNING: Colour = (64, 120, 200)
GOOD: Colour = (38, 160, 84)
BAD: Colour = (206, 62, 54)
MIN_FONT_SIZE = 10  # pixels


@dataclass(frozen=True)
class Rect:
    """The rectangle of a panel, in pixels from the top left of the picture."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """x and y of the top left corner, then of the bottom right one."""
        return self.x, self.y, self.x + self.width, self.y + self.height


@cache
def load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Load Pillow's own font, so that pictures look the same on every machine."""
    return ImageFont.load_default(size)


def fit_font(text: str, width: float, largest: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the largest font, from ``largest`` down to ``MIN_FONT_SIZE``, in which a text fits a width in pixels."""
    sizes = range(largest, MIN_FONT_SIZE, -1)
    return next(
        (load_font(size) for size in sizes if load_font(size).getlength(text) <= width), load_font(MIN_FONT_SIZE)
    )
