"""Laws of a data set's first episodes."""

from __future__ import annotations

from recorded import FakeSet, demonstration

from sim.offline.frames.first_episodes import take_first_episodes


def _make_set():
    return FakeSet(*(demonstration([[number, 0, 0]]) for number in range(4)))


def test_only_the_first_episodes_count_and_all_else_stays():
    whole = _make_set()
    first = take_first_episodes(whole, 2)
    assert len(first) == 2
    assert [float(first.signals(number).actions[0, 0]) for number in range(len(first))] == [0.0, 1.0]
    assert (first.root, first.fps, first.mapping) == (whole.root, whole.fps, whole.mapping)


def test_a_set_that_has_no_more_is_returned_as_it_is():
    whole = _make_set()
    assert take_first_episodes(whole, None) is whole
    assert take_first_episodes(whole, 4) is whole
    assert take_first_episodes(whole, 9) is whole
