"""Laws of the kinds of recorded frames."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.offline.frame_kinds.kinds import FRAME_KINDS, NEAR_M, STRAIGHT_WZ, TURNING_WZ, RecordedFrames, select_kind


def make_frames(burst=None, clearance=None, wz=None, fps=10.0):
    """Frames with some of their columns."""
    length = next(len(each) for each in (burst, clearance, wz) if each is not None)
    labels = np.zeros((length, 3), np.float32)
    if wz is not None:
        labels[:, 2] = wz
    return RecordedFrames(
        labels,
        fps,
        None if burst is None else np.array(burst, bool),
        None if clearance is None else np.array(clearance, np.float32),
    )


def selected(kind, frames):
    """The numbers of the frames that are of a kind."""
    ((mask),) = select_kind(kind, [frames])
    return np.flatnonzero(mask).tolist()


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(1.0, 30.0))
def test_each_frame_is_in_a_burst_after_one_or_nominal(burst, fps):
    frames = make_frames(burst, fps=fps)
    masks = [select_kind(kind, [frames])[0] for kind in ("burst", "after-burst", "nominal")]
    assert np.array_equal(np.sum(masks, axis=0), np.ones(len(burst)))


def test_a_second_follows_a_burst_whatever_the_rate_and_ends_at_the_next_burst():
    burst = [k in (2, 3, 17) for k in range(40)]
    assert selected("burst", make_frames(burst)) == [2, 3, 17]
    assert selected("after-burst", make_frames(burst)) == [*range(4, 14), *range(18, 28)]
    assert selected("after-burst", make_frames(burst, fps=10 / 3)) == [4, 5, 6, 18, 19, 20]
    assert selected("after-burst", make_frames([k in (2, 5) for k in range(8)])) == [3, 4, 6, 7]


def test_turning_and_straight_are_told_by_the_label_and_leave_frames_between_them():
    frames = make_frames(wz=[0.0, STRAIGHT_WZ, -0.15, TURNING_WZ, TURNING_WZ + 0.01, -1.0])
    assert selected("straight", frames) == [0, 1]
    assert selected("turning", frames) == [4, 5]


def test_near_is_told_by_the_clearance():
    assert selected("near", make_frames(clearance=[0.0, 0.29, NEAR_M + 0.001, 2.0])) == [0, 1]


def test_without_its_column_in_every_episode_a_kind_is_not_told():
    told, untold = make_frames(burst=[1, 0], clearance=[1, 1]), make_frames(wz=[0, 1])
    for kind in FRAME_KINDS:
        assert select_kind(kind, [told]) is not None
        assert (select_kind(kind, [told, untold]) is not None) == (kind in ("turning", "straight"))
