"""Laws of the frame history of policies that take several frames."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rollout.frame_history import FrameHistory


def frame(shade: int) -> np.ndarray:
    return np.full((2, 4, 6, 3), shade, np.uint8)


@pytest.mark.parametrize(("added", "expected"), [((1,), [1, 1, 1]), ((1, 2), [1, 1, 2]), ((1, 2, 3, 4), [2, 3, 4])])
def test_the_latest_frames_come_oldest_first_and_the_first_one_stands_for_what_is_missing(added, expected):
    history = FrameHistory(3)
    for shade in added:
        history.add(frame(shade))
    assert history.stack().shape == (2, 3, 4, 6, 3)
    assert history.stack()[0, :, 0, 0, 0].tolist() == expected


def test_one_frame_has_no_axis_of_its_own():
    history = FrameHistory(1)
    history.add(frame(1))
    history.add(frame(7))
    assert np.array_equal(history.stack(), frame(7))
