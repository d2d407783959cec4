"""Compares a picture with TinyRenderer's of the same shot, body by body."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from envs.camera.shot import BACKGROUND_ID, LINK_SHIFT, CameraImage

MOST_SHARE = 0.01  # of a body's pixels, that may differ
_MOST_PIXELS = 6  # that may differ in any case: where edges lie between pixels
_MOST_LEVELS = 16  # of 255, by which equal colours may differ: images are decoded by different libraries


class Difference(NamedTuple):
    """A body that two pictures show differently.

    Attributes:
        body: Its unique id.
        share: Share of its pixels that differ.
        outline: Share of its pixels that belong to something else in the other picture.
        mean_levels: By how many of 255 levels the mean colour of the differing pixels differs.
    """

    body: int
    share: float
    outline: float
    mean_levels: float


def find_differences(ours: CameraImage, theirs: CameraImage) -> list[Difference]:
    """Return the bodies that two pictures with segmentation, of one size, show differently."""
    first, second = _bodies(ours), _bodies(theirs)
    elsewhere = first != second
    levels = np.abs(ours.rgb.astype(np.int16) - theirs.rgb).max(axis=-1)
    differs = elsewhere | (levels > _MOST_LEVELS)
    size = int(max(first.max(), second.max(), 0)) + 1
    everywhere = np.ones_like(elsewhere)
    total, wrong, outside = (_count(first, second, chosen, size) for chosen in (everywhere, differs, elsewhere))
    found = np.flatnonzero((wrong > MOST_SHARE * total) & (wrong > _MOST_PIXELS))
    return [
        Difference(
            int(body),
            float(wrong[body] / total[body]),
            float(outside[body] / total[body]),
            _mean_difference(ours.rgb, theirs.rgb, differs & ((first == body) | (second == body))),
        )
        for body in found
    ]


def _mean_difference(ours: np.ndarray, theirs: np.ndarray, chosen: np.ndarray) -> float:
    """Return by how much the mean colours of the chosen pixels differ, in the channel where they differ most."""
    return float(np.abs(ours[chosen].mean(axis=0) - theirs[chosen].mean(axis=0)).max())


def _bodies(image: CameraImage) -> np.ndarray:
    """Return (h, w) ids of bodies without links, -1 for the background."""
    ids = image.segmentation
    assert ids is not None
    return np.where(ids == BACKGROUND_ID, BACKGROUND_ID, ids & ((1 << LINK_SHIFT) - 1))


def _count(first: np.ndarray, second: np.ndarray, chosen: np.ndarray, size: int) -> np.ndarray:
    """Return (size,) how many of the chosen pixels show each body in either picture."""
    only_second = chosen & (second != first)
    counts = np.zeros(size, int)
    for bodies, rows in ((first, chosen), (second, only_second)):
        counts += np.bincount(bodies[rows & (bodies >= 0)], minlength=size)
    return counts
