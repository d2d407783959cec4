"""Laws of predictions on recorded frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration

from policies.dataset import SceneRef
from policies.scripted.expert import ExpertPolicy, compute_expert_action
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from sim.offline.predictions import OFFLINE_BATCH, hold_frames, predict_actions
from sim.offline.score import score_policy


def numbered(batch):
    """Return a tenth of the frame's number on each axis."""
    return np.tile(batch.pixels[:, 0, 0, :1] / 10, (1, 3)).astype(np.float32)


def test_frames_come_in_order_in_a_batch_whose_size_never_changes():
    policy = Scripted(constant(0, 0, 0))
    score_policy(policy, FakeSet(demonstration(np.zeros((3, 3))), demonstration(np.zeros((2, 3)))))
    assert [batch.pixels.shape[0] for batch in policy.batches] == [OFFLINE_BATCH] * 3
    assert [batch.pixels[0, 0, 0, 0] for batch in policy.batches] == [0, 1, 2]
    assert [batch.pixels[1, 0, 0, 0] for batch in policy.batches] == [0, 1, 1]
    assert [batch.live.sum() for batch in policy.batches] == [2, 2, 1]
    assert policy.resets == [list(range(OFFLINE_BATCH))]


def test_actions_belong_to_their_own_episode():
    mine, other = demonstration(np.zeros((3, 3)), marks=5), demonstration(np.zeros((2, 3)), marks=9)
    given = predict_actions(Scripted(lambda batch: np.tile(batch.pixels[:, 0, 0, 1:2] / 10, (1, 3))), [mine, other], 1)
    assert [len(one) for one in given] == [3, 2]
    assert given[0] == pytest.approx(np.full((3, 3), 0.5))
    assert given[1] == pytest.approx(np.full((2, 3), 0.9))


def test_a_slow_policy_is_called_at_its_own_period_and_its_action_is_held():
    policy = Scripted(numbered, period_s=0.3)
    score = score_policy(policy, FakeSet(demonstration([[0, 0, 0]] * 3 + [[0.3, 0.3, 0.3]] * 2)))
    assert len(policy.batches) == 2
    assert score.mae == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("period_s", "fps", "frames"), [(0.1, 10, 1), (0.3, 10, 3), (0.3, 1 / 0.3, 1), (0.1, 30, 3)])
def test_actions_are_held_by_the_clock_of_the_recording(period_s, fps, frames):
    assert hold_frames(Scripted(None, period_s).spec, fps) == frames


def test_a_policy_faster_than_the_recording_is_called_at_every_frame():
    policy = Scripted(numbered)
    score_policy(policy, FakeSet(demonstration(np.zeros((4, 3))), fps=1 / 0.3))
    assert len(policy.batches) == 4


def test_a_period_that_is_not_a_whole_number_of_frames_is_an_error():
    with pytest.raises(InputError, match="must be a multiple"):
        hold_frames(Scripted(None, 0.3).spec, 5.0)


def test_actions_are_clipped_as_the_robot_does():
    assert score_policy(Scripted(constant(5, -5, 1)), FakeSet(demonstration([[1, -1, 1]]))).mae == 0.0


def test_the_expert_is_called_in_the_recorded_states():
    world = get_scenario("corridor").world(9000, 0)
    label = compute_expert_action(Planner(world), np.array([world.start.x, world.start.y, world.start.yaw]))
    assert score_policy(ExpertPolicy(), FakeSet(demonstration([label]))).mae == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(InputError, match="scenes"):
        score_policy(ExpertPolicy(), FakeSet(demonstration([label], scene=None)))


def test_a_privileged_policy_on_a_recording_with_movers_is_an_error_that_says_why():
    score = score_policy(ExpertPolicy(), FakeSet(demonstration([[0, 0, 0]], scene=SceneRef("crossing", 9000, 0))))
    assert score.mae is None
    assert "positions of moving objects" in score.error


def test_images_of_another_size_are_an_error():
    with pytest.raises(InputError, match="96x96"):
        score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[0, 0, 0]], size=96)))


def test_labels_that_are_not_finite_are_an_error():
    with pytest.raises(InputError, match="finite"):
        score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[math.nan, 0, 0]])))
