"""The labels of a view: the nearest obstacle at each bearing, and the items in each cell of the panorama."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.reference.driving.floor_map import locate_eye
from policies.reference.network import NOTHING, RAY_KINDS
from policies.reference.panorama import CELLS, LARGEST_RANGE_M, RAYS, SIZE, compute_bearings
from policies.reference.vocabulary import COLOURS, KINDS, STANDING, name_item
from scenarios.navigation.ray_casting import cast_rays
from scenarios.world import Item

SHOWN_PIXELS = 4  # of the 16 in a cell that an item needs to be named there


class NamedItem(NamedTuple):
    """An item that is told apart, as classes of a cell."""

    kind: int
    colour: int


class ViewLabels(NamedTuple):
    """What stands where, in one view."""

    ranges: np.ndarray  # (rays,) float32 m, of the nearest obstacle
    ray_kinds: np.ndarray  # (rays,) uint8, index into ``RAY_KINDS``
    kinds: np.ndarray  # (cells, cells) uint8: 0, or 1 + index into ``KINDS``
    colours: np.ndarray  # (cells, cells) uint8, index into ``COLOURS``
    places: np.ndarray  # (2, cells, cells) float16: range, m, and bearing, rad, of the item's middle


def classify_item(item: Item) -> NamedItem | None:
    """Return the classes of an item that is told apart, whatever its part in the task: a chair may be furniture."""
    named = name_item(item.label)
    if named is None:
        return None
    kind, colour = named
    return NamedItem(1 + KINDS.index(kind), COLOURS.index(colour))


def label_view(items: Sequence[Item], shown: np.ndarray, pose: np.ndarray) -> ViewLabels:
    """Label a view from a pose (3,).

    Args:
        items: All that block a robot, where they are.
        shown: (size, size) index of the item in each pixel of the panorama; below 0: none of them.
        pose: x m, y m, yaw rad.
    """
    eye, named = locate_eye(pose), [classify_item(item) for item in items]
    ranges, hit = cast_rays(items, eye.xy, eye.yaw + compute_bearings(RAYS), LARGEST_RANGE_M)
    ray_kinds = [RAY_KINDS.index(name_ray(items[number])) if number >= 0 else 0 for number in hit]
    kinds, colours = np.full((CELLS, CELLS), NOTHING, np.uint8), np.zeros((CELLS, CELLS), np.uint8)
    places, most = np.zeros((2, CELLS, CELLS), np.float16), np.full((CELLS, CELLS), SHOWN_PIXELS - 1)
    edge = SIZE // CELLS
    for number in np.unique(shown[shown >= 0]).tolist():
        classes = named[number]
        if classes is None:
            continue
        count = (shown == number).reshape(CELLS, edge, CELLS, edge).sum(axis=(1, 3))
        here = count > most
        most = np.maximum(most, count)
        x, y = items[number].pose.x - eye.xy[0], items[number].pose.y - eye.xy[1]
        kinds[here], colours[here] = classes
        places[0][here] = math.hypot(x, y)
        places[1][here] = math.remainder(math.atan2(y, x) - eye.yaw, math.tau)
    return ViewLabels(ranges.astype(np.float32), np.array(ray_kinds, np.uint8), kinds, colours, places)


def name_ray(item: Item) -> str:
    """Return which of ``RAY_KINDS`` an item is."""
    named = classify_item(item)
    if named is not None:
        return "target" if named.kind <= len(STANDING) else "mover"
    return "wall" if item.role == "wall" else "obstacle"
