"""Laws of the share of the error that the worst frames hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.offline.frame_kinds.worst_frames import measure_worst_tenth


def measure(*episodes):
    """The share, given the error of each frame of each episode."""
    actions = [np.repeat(np.array(errors, np.float64)[:, None], 3, axis=1) for errors in episodes]
    return measure_worst_tenth(actions, [np.zeros_like(each) for each in actions])


def test_a_share_by_hand():
    assert measure([0.5, *[0.1] * 9]).share == pytest.approx(0.5 / 1.4)
    assert measure([0.5, *[0.1] * 8], [0.4, *[0.1] * 10]).share == pytest.approx(0.9 / 2.7)


def test_part_of_a_frame_counts_where_a_tenth_is_no_whole_number():
    assert measure([0.6, 0.2, 0.1, 0.1, 0.0]).share == pytest.approx(0.5 * 0.6)


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=20), min_size=10, max_size=14))
def test_the_worst_tenth_holds_a_tenth_or_more_and_the_interval_lies_within_0_and_1(episodes):
    found = measure(*episodes)
    assert 0.1 - 1e-9 <= found.share <= 1.0
    assert 0.1 - 1e-9 <= found.low <= found.high <= 1.0


def test_the_interval_resamples_whole_episodes():
    easy, hard = [0.1] * 10, [1.0, *[0.1] * 9]
    assert measure(*[easy, hard] * 10).low < measure(*[easy, hard] * 10).share < measure(*[easy, hard] * 10).high
    same = measure(*[hard] * 20)
    assert (same.low, same.high) == pytest.approx((same.share, same.share))


def test_too_few_episodes_have_no_interval_and_no_error_has_no_share():
    assert measure(*[[0.1, 0.2]] * 9).low is None
    assert measure([0.0, 0.0]) is None
