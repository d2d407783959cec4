"""What the reference sees in one picture: distances to obstacles, and items with kind, colour and place."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from scipy import ndimage

from policies.reference.network import BEARING_SCALE, LOG_SPREADS, NOTHING, RAY_KINDS, Outputs
from policies.reference.panorama import (
    CELLS,
    LARGEST_RANGE_M,
    RAYS,
    SIDE_RAD,
    compute_bearings,
    measure_range_spread,
    measure_ranges,
)

LEAST_SPREAD_M, LARGEST_SPREAD_M = 0.01, 3.0
SPREAD_FACTOR = 1.2  # between the expected error that the network learned and a standard deviation
LOG_RANGES = (math.log(0.2), math.log(LARGEST_RANGE_M))
SAME_ITEM_M, SAME_ITEM_SHARE = 0.25, 0.10  # two cells show the same item if its middles are this near, and this share
FEW_CELLS, FEW_CELLS_FROM_M = 2, 4.0  # nearer than this, an item has at least as many cells
ITEM_HALF_WIDTH_M, SURE_KINDS_M = 0.12, 3.0  # of rays and an item that are compared, and up to where
DEEPEST_M, FARTHEST_SHARE = 0.3, 0.06  # of an item's middle behind its face: and by the range, for errors
OBSTACLE = RAY_KINDS.index("obstacle")
LEAST_SHARE = 0.01  # of a kind or colour, however sure the network is


class SeenItem(NamedTuple):
    """An item in a picture, from the camera."""

    range_m: float
    bearing_rad: float
    kinds: np.ndarray  # (kinds,) logarithm of the share of each kind
    colours: np.ndarray  # (colours,) logarithm of the share of each colour
    is_cut: bool  # by the left or right edge of the picture


class Sighting(NamedTuple):
    """What is seen in one picture, from the camera."""

    ranges: np.ndarray  # (rays,) m, of the nearest obstacle at each bearing
    spreads: np.ndarray  # (rays,) m, standard deviation of the ranges
    ray_kinds: np.ndarray  # (rays,) index into ``RAY_KINDS``
    items: tuple[SeenItem, ...]  # the nearest first


def read_outputs(outputs: Outputs) -> list[Sighting]:
    """Read what the network says of n pictures; of damaged weights, whose numbers may not even be finite, too."""
    outputs = Outputs(*(torch.nan_to_num(part) for part in outputs))
    rows = outputs.rows.clamp(0.0, CELLS).numpy().astype(np.float64)
    spreads = np.exp(outputs.spreads.clamp(*LOG_SPREADS).numpy().astype(np.float64))
    ray_kinds = outputs.ray_kinds.argmax(dim=1).numpy()
    kinds, colours = (each.softmax(dim=1).numpy() for each in (outputs.kinds, outputs.colours))
    ranges = torch.exp(outputs.places[:, 0].clamp(*LOG_RANGES)).numpy()
    sides = np.clip(outputs.places[:, 1].numpy() / BEARING_SCALE + compute_bearings(CELLS), -math.pi, math.pi)
    columns = (rows, spreads, ray_kinds, kinds, colours, ranges, sides)
    return [make_sighting(*parts) for parts in zip(*columns, strict=True)]


def make_sighting(
    rows: np.ndarray,
    row_spreads: np.ndarray,
    ray_kinds: np.ndarray,
    kinds: np.ndarray,
    colours: np.ndarray,
    ranges: np.ndarray,
    sides: np.ndarray,
) -> Sighting:
    """Make the sighting of one picture.

    Args:
        rows, row_spreads: (rays,) where the nearest obstacle meets the floor, and how far off that is, in cells.
        ray_kinds: (rays,) index into ``RAY_KINDS``.
        kinds, colours: (1 + kinds, cells, cells) and (colours, cells, cells) shares.
        ranges, sides: (cells, cells) m and rad: where the middle of the item is that a cell shows.
    """
    away = measure_ranges(rows)
    spread = np.clip(SPREAD_FACTOR * measure_range_spread(away, row_spreads), LEAST_SPREAD_M, LARGEST_SPREAD_M)
    items = find_items(kinds, colours, ranges, sides)
    kept = (item for item in items if not shows_obstacle(away, ray_kinds, item.range_m, item.bearing_rad))
    return Sighting(away, spread, ray_kinds, tuple(kept))


def find_items(kinds: np.ndarray, colours: np.ndarray, ranges: np.ndarray, sides: np.ndarray) -> list[SeenItem]:
    """Find the items that cells show, the nearest first: neighbouring cells that agree on where the middle is.

    Args: as ``make_sighting``.
    """
    shown = kinds[NOTHING] < 0.5
    patches, count = ndimage.label(shown, np.ones((3, 3)))
    items = []
    for patch in range(1, count + 1):
        rows, columns = np.nonzero(patches == patch)
        away, side = ranges[rows, columns], sides[rows, columns]
        middles = np.stack([away * np.cos(side), away * np.sin(side)], axis=1)
        left = np.ones(len(rows), bool)
        while left.any():
            candidates = np.flatnonzero(left)
            surest = candidates[kinds[NOTHING][rows[candidates], columns[candidates]].argmin()]
            apart = np.hypot(*(middles - middles[surest]).T)
            members = np.flatnonzero(left & (apart < SAME_ITEM_M + SAME_ITEM_SHARE * away[surest]))
            left[members] = False
            left[surest] = False
            if len(members) >= FEW_CELLS or away[surest] >= FEW_CELLS_FROM_M:
                items.append(_join_cells(kinds, colours, ranges, sides, rows[members], columns[members]))
    return sorted(items, key=lambda item: item.range_m)


def shows_obstacle(ranges: np.ndarray, ray_kinds: np.ndarray, range_m: float, bearing_rad: float) -> bool:
    """Return whether all rays to a place say that an obstacle without a name stands there, whatever the cells show.

    Args:
        ranges, ray_kinds: (rays,) as of a sighting.
        range_m, bearing_rad: The place of the middle of an item.
    """
    if range_m >= SURE_KINDS_M or abs(bearing_rad) > SIDE_RAD:
        return False
    towards = np.abs(compute_bearings(RAYS) - bearing_rad) <= ITEM_HALF_WIDTH_M / max(range_m, ITEM_HALF_WIDTH_M)
    behind = range_m - ranges[towards]
    there = (behind > -FARTHEST_SHARE * range_m) & (behind < DEEPEST_M + FARTHEST_SHARE * range_m)
    return bool((there & (ray_kinds[towards] == OBSTACLE)).all())


def _join_cells(
    kinds: np.ndarray, colours: np.ndarray, ranges: np.ndarray, sides: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> SeenItem:
    weights = 1.0 - kinds[NOTHING][rows, columns]
    weights = weights / weights.sum()
    kind = kinds[1:, rows, columns].mean(axis=1)
    colour = colours[:, rows, columns] @ weights
    return SeenItem(
        float(ranges[rows, columns] @ weights),
        float(sides[rows, columns] @ weights),
        np.log(kind / kind.sum() + LEAST_SHARE),
        np.log(colour + LEAST_SHARE),
        bool(((columns <= 1) | (columns >= CELLS - 2)).any()),
    )
