"""Antialiasing of a finished picture, for renderers in software, which pay for every further sample of a pixel.

The method is that of FXAA (Timothy Lottes, Nvidia, 2009): a slanting edge is drawn as a stair, so a pixel on it is
mixed with the pixel on the other side of the edge, the more, the nearer it is to the end of its step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

_CONTRAST = 0.08  # of the brightest neighbour, that is worth smoothing ...
_MIN_CONTRAST = 8  # ... and of 255
_DISTANCES = (1, 2, 3, 5, 8, 12)  # at which the ends of a step are looked for, pixels
_LONE_SHARE = 0.6  # of the other side, for a pixel that differs from all around it; at most a half is mixed in


class _EdgePixels(NamedTuple):
    """Pixels on edges, all arrays (n,)."""

    pixels: np.ndarray  # indices in the flat picture
    level: np.ndarray  # whether the edge is nearer to level than to upright
    across: np.ndarray  # step of the index to the pixel on the other side of the edge
    lone: np.ndarray  # share of the other side, in [0, 0.5], that the pixel gets in any case


def smooth_edges(rgb: np.ndarray, surfaces: np.ndarray) -> None:
    """Smooth the edges between surfaces in place; the outermost pixels stay.

    Args:
        rgb: (h, w, 3) uint8, C-contiguous.
        surfaces: (h, w) values that differ between neighbouring surfaces.
    """
    luma = np.asarray(Image.fromarray(rgb).convert("L"))
    edge = _find_edges(luma, _pixels_between(surfaces))
    share = np.maximum(_share_across(luma, edge), edge.lone)
    mixed = np.flatnonzero(share > 0.02)
    index, other = edge.pixels[mixed], edge.pixels[mixed] + edge.across[mixed]
    colours = rgb.reshape(-1, 3)
    own = colours[index].astype(np.float32)
    colours[index] = own + share[mixed, None] * (colours[other] - own) + 0.5


def _pixels_between(surfaces: np.ndarray) -> np.ndarray:
    """Return the flat indices of the pixels beside another surface, the outermost ones left out."""
    found = np.zeros(surfaces.shape, bool)
    surfaces = np.ascontiguousarray(surfaces)
    for one, other in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        differs = surfaces[one] != surfaces[other]
        found[one] |= differs
        found[other] |= differs
    found[0] = found[-1] = found[:, 0] = found[:, -1] = False
    return np.flatnonzero(found)


def _find_edges(luma: np.ndarray, index: np.ndarray) -> _EdgePixels:
    """Find the pixels with contrast, the direction of each one's edge, and on which side of the pixel it lies."""
    width, flat = luma.shape[1], luma.ravel()
    cross = np.stack([flat.take(index + step) for step in (0, -width, width, -1, 1)])  # (5, n)
    high = cross.max(axis=0)
    strong = high - cross.min(axis=0) >= np.maximum(_CONTRAST * high.astype(np.float32), _MIN_CONTRAST)
    index = index[strong]
    around = {
        (y, x): flat.take(index + (y * width + x)).astype(np.int16) for y in (-1, 0, 1) for x in (-1, 0, 1)
    }  # each (n,)
    middle, north, south, west, east = (around[at] for at in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)))
    over_rows = 2 * abs(north + south - 2 * middle)
    over_rows += abs(around[-1, -1] + around[1, -1] - 2 * west) + abs(around[-1, 1] + around[1, 1] - 2 * east)
    over_columns = 2 * abs(west + east - 2 * middle)
    over_columns += abs(around[-1, -1] + around[-1, 1] - 2 * north) + abs(around[1, -1] + around[1, 1] - 2 * south)
    level = over_rows >= over_columns
    before, after = np.where(level, north, west), np.where(level, south, east)
    side = np.where(abs(before - middle) >= abs(after - middle), -1, 1)
    straight = north + south + west + east
    corners = around[-1, -1] + around[-1, 1] + around[1, -1] + around[1, 1]
    contrast = np.maximum.reduce([middle, north, south, west, east]) - np.minimum.reduce(
        [middle, north, south, west, east]
    )
    apart = abs(2 * straight + corners - 12 * middle) / (12 * contrast).astype(np.float32)  # 1/3 on straight edges
    lone = np.clip(_LONE_SHARE * (1.5 * apart - 0.5), 0.0, 0.5)
    return _EdgePixels(index, level, side * np.where(level, width, 1), lone)


def _share_across(luma: np.ndarray, edge: _EdgePixels) -> np.ndarray:
    """Return (n,) the share of the pixel on the other side, in [0, 0.5]: 0.5 at the end of a step, 0 in its middle."""
    width, flat = luma.shape[1], luma.ravel().astype(np.int16)
    sums = np.zeros((2, len(flat)), np.int16)  # of each pixel and the one below it, or the one to its right
    np.add(flat[:-width], flat[width:], out=sums[0, :-width])
    np.add(flat[:-1], flat[1:], out=sums[1, :-1])
    first = np.minimum(edge.pixels, edge.pixels + edge.across) + np.where(edge.level, 0, len(flat))
    here, own = sums.ravel().take(first), flat.take(edge.pixels)
    enough, along = abs(here - 2 * own), np.where(edge.level, 1, width)
    row, column = np.divmod(edge.pixels, width)
    before = np.where(edge.level, column, row)
    after = np.where(edge.level, width - 1 - column, luma.shape[0] - 1 - row)
    back, fall = _find_end(sums, first, -along, here, enough, before)
    forth, rise = _find_end(sums, first, along, here, enough, after)
    change = np.where(back < forth, fall, rise)
    outside = (change < 0) != (2 * own < here)  # beyond the nearer end, the other side begins
    return np.where(outside, 0.5 - np.minimum(back, forth) / (back + forth), 0.0)


def _find_end(
    sums: np.ndarray, first: np.ndarray, along: np.ndarray, here: np.ndarray, enough: np.ndarray, room: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance to the end of each step in one direction, and by how much the sum differs there."""
    distance = np.full(len(first), _DISTANCES[-1], np.float32)
    change = np.zeros(len(first), np.int16)
    searching = np.arange(len(first))
    for far in _DISTANCES:
        searching = searching[room[searching] >= far]  # not beyond the picture
        differs = sums.ravel().take(first[searching] + far * along[searching]) - here[searching]
        change[searching] = differs
        ended = 2 * abs(differs) >= enough[searching]
        distance[searching[ended]] = far
        searching = searching[~ended]
    return distance, change
