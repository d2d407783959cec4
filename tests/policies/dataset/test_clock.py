"""Laws of the calls on recorded frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.dataset.clock import frames_per_period, schedule_calls


@pytest.mark.parametrize(
    ("period_s", "fps", "frames"),
    [(0.1, 10, 1), (0.3, 10, 3), (0.3, 1 / 0.3, 1), (0.1, 30, 3), (0.1, 5, 1), (0.1, 15, 1.5), (0.1, 29.97, 2.997)],
)
def test_actions_are_held_by_the_clock_of_the_recording(period_s, fps, frames):
    assert frames_per_period(period_s, fps) == pytest.approx(frames, abs=1e-9)


@given(st.integers(1, 9), st.integers(1, 60))
def test_whole_multiples_are_called_at_every_such_frame(hold, length):
    calls = schedule_calls(float(hold), length)
    assert calls.seen.tolist() == calls.held_from.tolist() == list(range(0, length, hold))


@given(st.floats(1.0, 20.0), st.integers(1, 500))
def test_a_call_sees_the_latest_frame_and_its_action_waits_for_the_next(frames_each, length):
    calls = schedule_calls(frames_each, length)
    due = np.arange(len(calls.seen)) * frames_each
    assert (calls.seen <= due + 1e-5).all()
    assert (due < calls.seen + 1 + 1e-5).all()
    assert set((calls.held_from - calls.seen).tolist()) <= {0, 1}
    assert (np.diff(calls.seen) >= 1).all()
    assert calls.seen[0] == calls.held_from[0] == 0
    assert len(calls.seen) * frames_each + 1e-5 >= length - 1  # none is left out
