"""Laws of frames that are read side by side."""

from __future__ import annotations

import numpy as np
import pytest
from recorded import FakeSet, demonstration

from scenarios.common.errors import InputError
from sim.offline.frames.feed import FrameFeed, UnreadableFramesError


def feed(lengths, seen, size=8):
    recording = FakeSet(*[demonstration(np.zeros((length, 3)), size=8) for length in lengths])
    return FrameFeed(recording, range(len(lengths)), lengths, np.array(seen), (size, size))


@pytest.mark.parametrize(
    ("seen", "first", "second"), [([0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 1, 1]), ([0, 3], [0, 3], [0, 1])]
)
def test_every_episode_shows_its_frame_and_a_finished_one_its_last(seen, first, second):
    frames = feed((4, 2), seen)
    shown = [[int(frame[0, 0, 0]) for frame in frames.read(number)] for number in seen]
    assert [one for one, _ in shown] == first
    assert [other for _, other in shown] == second


def test_frames_are_resized_and_their_size_is_remembered():
    same, smaller = feed((1,), [0]), feed((1,), [0], size=4)
    assert same.read(0)[0].shape == (8, 8, 3)
    assert smaller.read(0)[0].shape == (4, 4, 3)
    assert (same.resized_from, smaller.resized_from) == (set(), {(8, 8)})


def test_damage_is_told_apart_from_errors_of_a_policy():
    class Damaged(FakeSet):
        def frames(self, number, numbers=None):
            raise InputError("no frame at 1 s")
            yield

    damaged = FrameFeed(Damaged(demonstration([[0, 0, 0]])), [0], [1], np.array([0]), (4, 4))
    with pytest.raises(UnreadableFramesError, match="no frame at 1 s"):
        damaged.read(0)
