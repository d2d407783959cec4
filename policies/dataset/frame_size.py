"""Resizing of recorded frames."""

from __future__ import annotations

import numpy as np
from PIL import Image

MAX_PIXELS = 4096 * 2304  # of a frame: sixteen episodes are decoded at a time


def resize_frame(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize a frame (H, W, 3) uint8 to (height, width): areas are averaged where it shrinks, else linear.

    The whole frame is kept, so its aspect ratio changes if the new one differs.
    """
    height, width = size
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    how = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    resized: np.ndarray = np.asarray(Image.fromarray(pixels).resize((width, height), how))
    return resized


def is_too_large(size: tuple[int, int]) -> bool:
    """Return whether frames of this (height, width) take more memory than a recording may."""
    return size[0] * size[1] > MAX_PIXELS
