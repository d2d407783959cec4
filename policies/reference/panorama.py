"""The picture that the reference's network sees: the camera's, resampled to equal steps of bearing and elevation.

Walls and posts are upright in it, and a column is a bearing: the row in which an obstacle meets the floor tells its
distance. The camera's own picture is bent, as it looks down.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from scenarios.robot import CAMERA_FOV_DEG, CAMERA_PITCH_RAD, CAMERA_POSITION_M, IMAGE_SIZE

SIZE = 160
"""Edge of the picture, pixels."""
SIDE_RAD = math.radians(48.0)
"""Bearing of its left edge; that of the right one is its negative."""
TOP_RAD, BOTTOM_RAD = math.radians(15.0), math.radians(-69.0)
"""Elevation of its upper and of its lower edge."""
RAYS = 80
"""Bearings for which the network tells the distance of the nearest obstacle."""
CELLS = 40
"""Cells along an edge for which it tells what is in them."""
EYE_HEIGHT_M, EYE_AHEAD_M = CAMERA_POSITION_M[2], CAMERA_POSITION_M[0]
LARGEST_RANGE_M = 12.0
UNSEEN = 128  # where the camera doesn't look


class _Source(NamedTuple):
    """Where each of the picture's pixels lies in the camera's picture."""

    first: np.ndarray  # (SIZE²,) the upper left of four pixels
    shares: tuple[np.ndarray, ...]  # of the four, (SIZE², 1) each
    inside: np.ndarray  # (SIZE, SIZE) bool


def compute_bearings(count: int) -> np.ndarray:
    """Return the bearings (count,), rad to the left, of as many equally wide columns, from left to right."""
    return SIDE_RAD - (np.arange(count) + 0.5) * (2.0 * SIDE_RAD / count)


def compute_elevations(count: int) -> np.ndarray:
    """Return the elevations (count,), rad above the horizon, of as many equally high rows, from the top."""
    return TOP_RAD + (np.arange(count) + 0.5) * ((BOTTOM_RAD - TOP_RAD) / count)


def measure_ranges(rows: np.ndarray) -> np.ndarray:
    """Compute the distances on the floor, m, that rows (...) show, counted in cells from the upper edge."""
    below = -(TOP_RAD + rows * ((BOTTOM_RAD - TOP_RAD) / CELLS))
    ranges: np.ndarray = EYE_HEIGHT_M / np.tan(np.maximum(below, math.atan2(EYE_HEIGHT_M, LARGEST_RANGE_M)))
    return ranges


def measure_rows(ranges: np.ndarray) -> np.ndarray:
    """Compute the rows (...), in cells from the upper edge, in which the floor is so far away, m."""
    rows: np.ndarray = (-np.arctan2(EYE_HEIGHT_M, ranges) - TOP_RAD) * (CELLS / (BOTTOM_RAD - TOP_RAD))
    return rows


def measure_range_spread(ranges: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Compute by how much distances (...), m, are off if their rows are off by ``rows`` (...) cells."""
    slope = (ranges**2 + EYE_HEIGHT_M**2) / EYE_HEIGHT_M
    spread: np.ndarray = slope * ((TOP_RAD - BOTTOM_RAD) / CELLS) * rows
    return spread


def resample_frames(pixels: np.ndarray) -> np.ndarray:
    """Resample the camera's pictures (n, 224, 224, 3) uint8 to (n, 3, SIZE, SIZE) uint8; grey where it doesn't look."""
    source = _find_source()
    height, width = IMAGE_SIZE
    if pixels.shape[1:] != (height, width, 3):
        raise ValueError(f"the reference takes frames of {height} x {width} pixels, not {pixels.shape[1:]}")
    flat = pixels.reshape(len(pixels), -1, 3)
    offsets = (0, 1, width, width + 1)
    mixed = sum(
        flat[:, source.first + offset].astype(np.float32) * share
        for offset, share in zip(offsets, source.shares, strict=True)
    )
    pictures = np.rint(mixed).astype(np.uint8).reshape(-1, SIZE, SIZE, 3)
    pictures[:, ~source.inside] = UNSEEN
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))


def resample_ids(ids: np.ndarray) -> np.ndarray:
    """Take the ids (224, 224) of the nearest pixels: (SIZE, SIZE), -1 where the camera doesn't look."""
    rows, columns = (
        np.clip(np.rint(each), 0, size - 1).astype(int) for each, size in zip(_project(), IMAGE_SIZE, strict=True)
    )
    found: np.ndarray = np.where(_find_source().inside, ids[rows, columns], -1)
    return found


@cache
def _find_source() -> _Source:
    height, width = IMAGE_SIZE
    rows, columns = _project()
    top, left = (np.clip(np.floor(each), 0, size - 2).astype(int) for each, size in ((rows, height), (columns, width)))
    down, right = (np.clip(each, 0.0, 1.0).astype(np.float32) for each in (rows - top, columns - left))
    shares = ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right)
    inside = (rows > -0.5) & (rows < height - 0.5) & (columns > -0.5) & (columns < width - 0.5)
    return _Source((top * width + left).ravel(), tuple(share.reshape(-1, 1) for share in shares), inside)


def _project() -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the column (SIZE, SIZE) of the camera's picture that each direction lies in."""
    bearing, elevation = np.meshgrid(compute_bearings(SIZE), compute_elevations(SIZE))
    ahead, left, up = np.cos(elevation) * np.cos(bearing), np.cos(elevation) * np.sin(bearing), np.sin(elevation)
    level, down = math.cos(CAMERA_PITCH_RAD), math.sin(CAMERA_PITCH_RAD)
    depth = np.maximum(level * ahead - down * up, 1e-3)
    raised = down * ahead + level * up
    height, width = IMAGE_SIZE
    focal = height / 2 / math.tan(math.radians(CAMERA_FOV_DEG) / 2)
    return height / 2 - focal * raised / depth - 0.5, width / 2 - focal * left / depth - 0.5
