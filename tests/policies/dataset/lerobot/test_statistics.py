from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from policies.dataset.lerobot.statistics import PIXEL_STEP, QUANTILES, Stats, image_stats, merge_stats, vector_stats

numbers = st.floats(-1e3, 1e3)
tables = st.integers(1, 12).flatmap(lambda rows: arrays(np.float64, (rows, 2), elements=numbers))
EXACT = ("min", "max", "mean", "std", "count")


def _check_equal(one: Stats, other: Stats, names: tuple[str, ...] = EXACT) -> None:
    for name in names:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-7, atol=1e-6, err_msg=name)


@settings(deadline=None)
@given(tables)
def test_a_vectors_statistics_are_those_of_numpy(table: np.ndarray) -> None:
    stats = vector_stats(table)
    assert stats["count"].tolist() == [len(table)]
    np.testing.assert_allclose(stats["mean"], table.mean(0))
    np.testing.assert_allclose(stats["std"], table.std(0))
    np.testing.assert_allclose(stats["q50"], np.median(table, axis=0))
    ordered = np.stack([stats["min"], *(stats[name] for name in QUANTILES), stats["max"]])
    assert (np.diff(ordered, axis=0) >= -1e-9).all()


@pytest.mark.parametrize("values", [np.array([True, False, True]), np.array([3, 1, 2]), np.ones(4, np.float32)])
def test_a_scalar_a_frame_has_statistics_of_one_number(values: np.ndarray) -> None:
    assert {entry.shape for entry in vector_stats(values).values()} == {(1,)}


@settings(deadline=None)
@given(tables, tables)
def test_merged_statistics_are_those_of_all_frames_together(one: np.ndarray, other: np.ndarray) -> None:
    merged = merge_stats(vector_stats(one), vector_stats(other))
    _check_equal(merged, vector_stats(np.concatenate([one, other])))


@settings(deadline=None)
@given(tables, tables, tables)
def test_merging_depends_neither_on_order_nor_on_grouping(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    one, two, three = (vector_stats(table) for table in (a, b, c))
    names = (*EXACT, *QUANTILES)
    _check_equal(merge_stats(one, two), merge_stats(two, one), names)
    _check_equal(merge_stats(merge_stats(one, two), three), merge_stats(one, merge_stats(two, three)), names)


@settings(deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 3), st.integers(1, 5))
def test_an_images_statistics_are_those_of_every_fourth_pixel(seed: int, frames: int, cells: int) -> None:
    size = cells * PIXEL_STEP
    pixels = np.random.default_rng(seed).integers(0, 256, (frames, size, size, 3)).astype(np.uint8)
    sample = pixels[:, ::PIXEL_STEP, ::PIXEL_STEP].reshape(-1, 3) / 255.0
    stats = image_stats(pixels)
    assert {name: entry.shape for name, entry in stats.items()} == {
        **dict.fromkeys(("min", "max", "mean", "std", *QUANTILES), (3, 1, 1)),
        "count": (1,),
    }
    for name in ("min", "max", "mean", "std"):
        np.testing.assert_allclose(stats[name].ravel(), getattr(sample, name)(axis=0), atol=1e-9)
    for name, share in QUANTILES.items():
        level = stats[name].ravel()
        assert ((sample <= level).mean(0) >= share - 1e-9).all()
        assert ((sample < level).mean(0) <= share + 1e-9).all()
    assert stats["count"].tolist() == [frames]
