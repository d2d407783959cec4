"""Laws of errors by kind of frame."""

from __future__ import annotations

import numpy as np
import pytest

from sim.offline.baselines import BASELINES
from sim.offline.error_statistics import FEW_EPISODES, MAE, summarise_errors
from sim.offline.frame_kinds.errors import score_frame_kinds
from sim.offline.frame_kinds.kinds import RecordedFrames

RNG = np.random.default_rng(7)


def make_episode(burst, length=30):
    """An episode of random labels, in whose first frames there is a burst or not."""
    labels = RNG.uniform(-1, 1, (length, 3)).astype(np.float32)
    return RecordedFrames(labels, 10.0, np.arange(length) < burst, RNG.uniform(0, 1, length))


def find(scores, kind):
    return next(score for score in scores if score.kind == kind)


def test_the_parts_of_a_data_set_make_up_its_whole_error():
    episodes = [make_episode(burst) for burst in (0, 3, 5, 0)]
    actions = [np.zeros_like(frames.labels) for frames in episodes]
    parts = [find(score_frame_kinds(episodes, actions), kind) for kind in ("burst", "after-burst", "nominal")]
    assert sum(part.count for part in parts) == 120
    assert sum(part.error_share for part in parts) == pytest.approx(1.0)
    whole = np.abs(np.concatenate([frames.labels for frames in episodes])).mean()
    assert sum(part.count * part.mae for part in parts) / 120 == pytest.approx(whole)


def test_an_interval_is_that_of_the_episodes_that_have_frames_of_the_kind():
    episodes = [make_episode(burst) for burst in (4, 0) * FEW_EPISODES]
    actions = [np.zeros_like(frames.labels) for frames in episodes]
    burst = find(score_frame_kinds(episodes, actions), "burst")
    alone = summarise_errors([frames.labels[:4] for frames in episodes[::2]])
    assert burst.episodes == FEW_EPISODES
    assert (burst.errors.low, burst.errors.high) == pytest.approx(alone.interval(MAE))
    assert burst.comparison.hold.low <= burst.comparison.hold.difference <= burst.comparison.hold.high


def test_frames_of_too_few_episodes_have_no_interval():
    episodes = [make_episode(burst) for burst in [4] * (FEW_EPISODES - 1) + [0] * 5]
    scores = score_frame_kinds(episodes, [frames.labels for frames in episodes])
    burst, nominal = find(scores, "burst"), find(scores, "nominal")
    assert (burst.errors.low, burst.errors.high, burst.comparison) == (None, None, None)
    assert burst.baselines["hold"].low is None
    assert None not in (nominal.errors.low, nominal.comparison)


def test_baselines_are_those_of_all_frames_not_refitted_to_a_kind():
    labels = np.array([[1, 0, 0]] * 3 + [[0, 0, 1]], np.float32)
    episodes = [RecordedFrames(labels, 10.0, None, None)] * 2
    turning = find(score_frame_kinds(episodes, None), "turning")
    assert set(turning.baselines) == set(BASELINES)
    assert turning.baselines["median"].mae == turning.baselines["majority"].mae == pytest.approx(2 / 3)
    assert turning.baselines["mean"].mae == pytest.approx((0.75 + 0.75) / 3)
    assert turning.baselines["hold"].mae == pytest.approx(2 / 3)
    assert turning.baselines["zero"].mae == pytest.approx(1 / 3)


def test_hold_repeats_the_label_before_even_where_that_frame_is_of_another_kind():
    labels = np.array([[0.5, 0, 0.5], [0.5, 0, 0]], np.float32)
    straight = find(score_frame_kinds([RecordedFrames(labels, 10.0, None, None)], None), "straight")
    assert straight.baselines["hold"].mae == pytest.approx(0.5 / 3)


def test_a_kind_without_frames_is_left_out_and_a_failed_policy_has_no_errors():
    still = RecordedFrames(np.zeros((4, 3), np.float32), 10.0, np.zeros(4, bool), np.ones(4))
    scores = score_frame_kinds([still], None)
    assert [score.kind for score in scores] == ["nominal", "straight"]
    assert {(score.errors, score.error_share, score.comparison) for score in scores} == {(None, None, None)}
    assert score_frame_kinds([still], [still.labels])[0].error_share == 0.0
