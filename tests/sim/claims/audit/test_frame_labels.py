"""Laws of labels: the published statistics, and the frames of a data set."""

from __future__ import annotations

import numpy as np
import pytest

from sim.claims.audit.frame_labels import ALL, FIRST, MIDDLE, WITHOUT_FIRST, AxisValues, published_labels, select_frames

EPISODE = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.5, 0.0], [1.0, -0.5, 0.0], [0.0, 0.0, 0.0], [1.0, 0, 0]])


def by_frames(labels):
    return {each.frames: each for each in labels}


def test_the_published_labels_have_the_published_means_and_deviations():
    vx, vy, wz = by_frames(published_labels())[ALL].axes.values()
    assert vx.mean == pytest.approx(0.883, abs=5e-4)
    assert vy.mean == pytest.approx(0.072)
    assert np.sqrt(vx.values**2 @ vx.shares - vx.mean**2) == pytest.approx(0.486, abs=1e-3)
    assert np.sqrt(vy.values**2 @ vy.shares - vy.mean**2) == pytest.approx(0.780, abs=5e-4)
    assert (vx.median, vy.median, wz.mean) == (1.15, 0.0, 0.0)


def test_every_frame_is_a_first_one_or_not():
    labels = by_frames(published_labels())
    for whole, rest, first in zip(*(labels[each].axes.values() for each in (ALL, WITHOUT_FIRST, FIRST)), strict=True):
        np.testing.assert_allclose(17 / 18 * rest.shares + 1 / 18 * first.shares, whole.shares)
        assert rest.shares.sum() == pytest.approx(1.0)
        assert rest.shares.min() >= 0.0


@pytest.mark.parametrize(
    ("values", "shares", "median"),
    [([0.0, 1.0], [0.4, 0.6], 1.0), ([1.0, 0.0], [0.5, 0.5], 0.0), ([2.0, 1.0, 0.0], [0.3, 0.3, 0.4], 1.0)],
)
def test_the_median_is_the_lowest_value_that_half_of_the_frames_do_not_exceed(values, shares, median):
    assert AxisValues(np.array(values), np.array(shares)).median == median


def test_frames_of_a_data_set_are_all_but_the_first_the_first_and_the_second_third():
    labels = by_frames(select_frames([EPISODE, EPISODE[:1]]))
    counts = {name: each.axes["vx"] for name, each in labels.items()}
    assert counts[ALL].mean == pytest.approx(4 / 7)
    assert counts[WITHOUT_FIRST].mean == pytest.approx(4 / 5)
    assert counts[FIRST].mean == 0.0
    assert counts[MIDDLE].mean == 1.0
    assert labels[MIDDLE].axes["vy"].mean == pytest.approx(0.0)


def test_changes_are_labels_minus_those_of_the_frame_before_and_the_first_from_rest():
    changes = by_frames(select_frames([EPISODE]))[ALL].changes
    vx = dict(zip(changes["vx"].values.tolist(), (changes["vx"].shares * 6).round().tolist(), strict=True))
    assert vx == {-1.0: 1, 0.0: 3, 1.0: 2}
