"""Laws of a policy whose calls are watched."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from answering import Answering

from policies.policy import ObservationBatch
from sim.offline.metrics.gathering.watched_policy import GREY, WatchedPolicy


def batch(live, pixels=None):
    return ObservationBatch(pixels, np.zeros((len(live), 6), np.float32), np.array(live))


def test_what_is_not_a_number_is_not_sound_and_counts_as_standing_still():
    policy = WatchedPolicy(Answering(lambda *_: [[0.5, np.nan, 0], [0.5, 0, 1.2], [0.5, 0, 1.0]]))
    policy.reset([0, 1, 2], ["go"] * 3)
    answer = policy.act(batch([True, True, True]))
    assert answer[0, 0].tolist() == [0.5, 0.0, 0.0]
    assert [policy.take_calls(slot).sound.tolist() for slot in range(3)] == [[False], [False], [True]]


def test_only_calls_of_the_running_episode_count_since_the_last_reset():
    ticks = count(step=0.4)
    policy = WatchedPolicy(Answering(lambda b, _: np.zeros((2, 3))), clock=lambda: next(ticks))
    policy.reset([0, 1], ["go"] * 2)
    policy.act(batch([True, True]))
    policy.act(batch([True, False]))
    assert policy.take_calls(0).seconds == pytest.approx([0.2, 0.4])
    assert policy.take_calls(1).seconds == pytest.approx([0.2])
    policy.reset([0, 1], ["go"] * 2)
    policy.act(batch([True, True]))
    assert len(policy.take_calls(0).seconds) == 1
    assert policy.frames == 5


def test_what_is_not_executed_of_a_chunk_may_leave_the_range():
    policy = WatchedPolicy(Answering(lambda *_: [[[0.5, 0, 0], [2.0, 0, 0]]], chunk=2))
    policy.reset([0], ["go"])
    policy.act(batch([True]))
    assert policy.take_calls(0).sound.tolist() == [True]
    assert policy.take_calls(0).chunks.shape == (1, 2, 3)


def test_a_blank_view_is_grey():
    seen = []
    policy = WatchedPolicy(Answering(lambda b, _: seen.append(b.pixels) or np.zeros((1, 3))), blank=True)
    policy.reset([0], ["go"])
    policy.act(batch([True], np.zeros((1, 4, 4, 3), np.uint8)))
    assert (seen[0] == GREY).all()
