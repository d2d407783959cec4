"""Laws of offline scores."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration, published_labels

from sim.offline.baselines import BASELINES
from sim.offline.conventions import CONVENTIONS, DEFAULT_CONVENTION
from sim.offline.score import score_policy
from sim.results.codec import from_json, to_json
from sim.results.summary.offline_score import Convention, OfflineScore


def found(score, axes, unit, frames):
    return score.by_convention()[Convention(axes, unit, frames)]


def test_errors_of_a_constant_by_hand():
    # labels (1, 0, 0), (0, 0, 0.5); actions (0.5, 0, 0): |e| = 0.5, 0, 0, 0.5, 0, 0.5
    score = score_policy(Scripted(constant(0.5, 0, 0)), FakeSet(demonstration([[1, 0, 0], [0, 0, 0.5]])))
    assert score.mae == pytest.approx(0.25)
    assert score.errors.mae_axis == pytest.approx([0.5, 0.0, 0.25])
    assert score.errors.rmse == pytest.approx(math.sqrt(0.125))
    assert (score.frames, score.episodes, score.error) == (2, 1, None)
    assert set(score.baselines) == set(BASELINES)


def test_units_scale_the_error_and_accuracy_is_taken_in_them():
    score = score_policy(Scripted(constant(0.85, 0, 0)), FakeSet(demonstration([[1, 0, 0], [1, 0, 0]])))
    assert found(score, "2d", "raw", "all").errors.mae == pytest.approx(0.15 * 1.15 / 2)
    assert found(score, "3d", "halved", "all").errors.mae == pytest.approx(0.15 * 0.575 / 3, abs=1e-6)
    assert found(score, "3d", "action", "all").errors.mae == pytest.approx(score.mae, abs=1e-6)
    assert found(score, "3d", "raw", "all").errors.accuracy_rate(0.1) == 0.0
    assert found(score, "3d", "halved", "all").errors.accuracy_rate(0.1) == 1.0


def test_frames_that_do_not_count_are_still_fed():
    numbered = Scripted(lambda batch: np.tile(batch.pixels[:, 0, 0, :1] / 10, (1, 3)))
    score = score_policy(numbered, FakeSet(demonstration(np.zeros((5, 3)))))
    assert len(numbered.batches) == 5
    assert found(score, "3d", "raw", "first").errors.mae == 0.0
    assert found(score, "3d", "raw", "middle").errors.mae == pytest.approx(0.2 * 1.15, abs=1e-6)


def test_a_policy_that_never_moves_is_perfect_on_published_first_frames_only():
    score = score_policy(
        Scripted(constant(0, 0, 0), image_size=None),
        FakeSet(*[demonstration(labels, size=1) for labels in published_labels()]),
    )
    assert found(score, "2d", "raw", "first").errors.mae == 0.0
    assert found(score, "2d", "raw", "all").errors.mae == pytest.approx(0.708, abs=5e-4)
    assert found(score, "2d", "raw", "random").count == 15


def test_a_policy_is_compared_with_the_best_constant_and_with_hold():
    labels = [[1, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 0.5, 0]]
    good = score_policy(Scripted(constant(1, 0.3, 0)), FakeSet(*[demonstration(labels)] * 3))
    assert good.errors.comparison.constant.difference == pytest.approx(0.0, abs=1e-6)
    assert good.errors.comparison.hold.difference == pytest.approx(0.25 / 3 - 1.5 / 12)
    bad = score_policy(Scripted(constant(0, 0, 0)), FakeSet(*[demonstration(labels)] * 3))
    assert bad.errors.comparison.constant.low > 0.0


def test_episodes_of_different_lengths_count_by_their_frames():
    score = score_policy(
        Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 1, 1]] * 3), demonstration([[0.5, 0.5, 0.5]]))
    )
    assert score.mae == pytest.approx(3.5 / 4)
    assert 0.0 <= score.errors.low < score.mae < score.errors.high


def test_a_convention_without_a_frame_is_left_out():
    score = score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 0, 0]]), demonstration([[0, 0, 0]])))
    assert {one.convention.frames for one in score.conventions} == {"all", "first"}


@pytest.mark.parametrize(
    "action_of",
    [lambda batch: np.zeros((2, 3)), constant(math.nan, 0, 0), lambda batch: 1 / 0],
    ids=["shape", "nan", "raises"],
)
def test_a_policy_that_fails_has_an_error_and_no_number(action_of):
    score = score_policy(Scripted(action_of), FakeSet(demonstration([[1, 0, 0], [1, 0, 0]])))
    assert score.error
    assert score.mae is None
    assert score.baselines["zero"] == pytest.approx(1 / 3)
    assert found(score, "2d", "raw", "all").errors is None
    assert len(score.conventions) == len(CONVENTIONS)


def test_kinds_of_frame_are_scored_as_far_as_the_recording_tells_them():
    labels = [[1, 0, 0.5], [1, 0, 0]]
    own = score_policy(
        Scripted(constant(1, 0, 0)),
        FakeSet(*[demonstration(labels, noise_burst=[0, 1], clearance_m=[0.1, 1])] * 12),
    )
    assert {kind.kind: kind.mae for kind in own.frame_kinds} == pytest.approx(
        {"burst": 0.0, "nominal": 0.5 / 3, "turning": 0.5 / 3, "straight": 0.0, "near": 0.5 / 3}, abs=1e-6
    )
    assert own.worst_tenth.share == pytest.approx(0.2)
    foreign = score_policy(Scripted(constant(1, 0, 0)), FakeSet(*[demonstration(labels)] * 12))
    assert [kind.kind for kind in foreign.frame_kinds] == ["turning", "straight"]


def test_a_score_is_json():
    score = score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 0, 0], [0, 0, 0]])))
    assert from_json(OfflineScore, json.loads(json.dumps(to_json(score), allow_nan=False)), "here") == score


def test_a_convention_is_rounded_and_the_score_is_not():
    thirds = FakeSet(demonstration([[1 / 3, 0, 0], [0, 0, 0]]), demonstration([[1, 1 / 7, 0]]))
    score = score_policy(Scripted(constant(0.123456, 0, 0)), thirds)
    own = score.by_convention()[DEFAULT_CONVENTION].errors
    assert own.mae == round(score.mae, 6) != score.mae
    assert own.comparison.hold.low == round(score.errors.comparison.hold.low, 6)


def test_a_failed_policy_has_no_errors_to_give():
    score = score_policy(Scripted(lambda batch: 1 / 0), FakeSet(demonstration([[1, 0, 0]])))
    assert (score.mae, score.episode_mae) == (None, None)
    with pytest.raises(ValueError, match="policy 'scripted' has no offline errors on 'fake': ZeroDivisionError"):
        score.require_errors()
