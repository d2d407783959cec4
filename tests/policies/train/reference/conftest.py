"""Labelled views that are made up: an item stands where the picture is bright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from policies.reference.panorama import CELLS, RAYS, SIZE, compute_bearings
from policies.train.reference.views import PICTURES, ViewSet, save_labels


def write_views(folder: Path, count: int, seed: int = 0) -> Path:
    """Write views of a wall at some distance, each with a patch of one colour that is a ball."""
    rng, edge = np.random.default_rng(seed), SIZE // CELLS
    folder.mkdir(parents=True)
    pictures = np.full((count, 3, SIZE, SIZE), 90, np.uint8)
    ranges = rng.uniform(0.5, 5.0, (count, 1)) * np.linspace(1.0, 1.2, RAYS)
    kinds, colours = np.zeros((count, CELLS, CELLS), np.uint8), np.zeros((count, CELLS, CELLS), np.uint8)
    places = np.zeros((count, 2, CELLS, CELLS), np.float16)
    for view in range(count):
        row, column, colour = 15, int(rng.integers(2, CELLS - 6)), int(rng.integers(3))
        patch = (slice(row, row + 4), slice(column, column + 4))
        pictures[view, colour, row * edge : (row + 4) * edge, column * edge : (column + 4) * edge] = 230
        kinds[view][patch], colours[view][patch] = 1, colour
        places[view, 0][patch], places[view, 1][patch] = 2.0, compute_bearings(CELLS)[column + 2]
    np.save(folder / PICTURES, pictures)
    ray_kinds = np.tile((np.arange(RAYS) < RAYS // 4).astype(np.uint8), (count, 1))
    save_labels(
        folder,
        {
            "ranges": ranges.astype(np.float32),
            "ray_kinds": ray_kinds,
            "kinds": kinds,
            "colours": colours,
            "places": places,
        },
    )
    return folder


@pytest.fixture
def make_views(tmp_path) -> Callable[..., ViewSet]:
    """Make sets of views, one for each of some counts."""

    def make(*counts: int) -> ViewSet:
        return ViewSet.open([write_views(tmp_path / f"{n}", count, n) for n, count in enumerate(counts)])

    return make
