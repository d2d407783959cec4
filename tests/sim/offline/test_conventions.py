"""Laws of the conventions of offline errors."""

from __future__ import annotations

import numpy as np
import pytest

from sim.offline.conventions import CONVENTIONS, FRAME_SELECTORS, SAMPLED_EPISODES, select_frames

LENGTHS = [18] * 72


def test_every_published_combination_is_there_once():
    published = {
        (axes, unit, frames) for axes in ("2d", "3d") for unit in ("raw", "halved") for frames in FRAME_SELECTORS
    }
    assert published <= {(one.axes, one.unit, one.frames) for one in CONVENTIONS}
    assert len(set(CONVENTIONS)) == len(CONVENTIONS)


@pytest.mark.parametrize(
    ("frames", "count"), [("all", 72 * 18), ("first", 72), ("random", SAMPLED_EPISODES), ("middle", SAMPLED_EPISODES)]
)
def test_each_selector_selects_its_number_of_frames(frames, count):
    assert sum(map(len, FRAME_SELECTORS[frames](LENGTHS))) == count


def test_random_frames_are_never_first_ones_and_always_the_same():
    picks = FRAME_SELECTORS["random"](LENGTHS)
    assert all(0 < pick < 18 for rows in picks for pick in rows)
    assert [rows.tolist() for rows in picks] == [rows.tolist() for rows in FRAME_SELECTORS["random"](LENGTHS)]
    assert len({int(rows[0]) for rows in picks if len(rows)}) > 1


def test_random_and_middle_frames_are_of_the_same_episodes():
    drawn = [[len(rows) for rows in FRAME_SELECTORS[frames](LENGTHS)] for frames in ("random", "middle")]
    assert drawn[0] == drawn[1]
    assert FRAME_SELECTORS["middle"]([18, 7])[0].tolist() == [9]


def test_episodes_of_one_frame_have_no_later_one():
    assert select_frames([np.zeros((1, 3))], "3d", "random") == []
    assert len(select_frames([np.zeros((1, 3)), np.zeros((2, 3))], "3d", "middle")) == 1


def test_two_axes_exclude_the_turn_rate():
    episode = np.arange(6.0).reshape(2, 3)
    assert select_frames([episode], "2d", "all")[0].tolist() == [[0, 1], [3, 4]]
