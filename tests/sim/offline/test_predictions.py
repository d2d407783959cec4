"""Laws of predictions on recorded frames."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration

from policies.dataset import SceneRef
from policies.formats.action_format import ActionFormat
from policies.formats.observation_format import ObservationFormat
from policies.scripted.expert import ExpertPolicy, compute_expert_action
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from sim.offline.predictions import OFFLINE_BATCH, RecordedEpisode, predict_actions
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
    both = FakeSet(mine, other)
    episodes = [RecordedEpisode(number, both.signals(number)) for number in range(2)]
    policy = Scripted(lambda batch: np.tile(batch.pixels[:, 0, 0, 1:2] / 10, (1, 3)))
    given = predict_actions(policy, both, episodes).actions
    assert [len(one) for one in given] == [3, 2]
    assert given[0] == pytest.approx(np.full((3, 3), 0.5))
    assert given[1] == pytest.approx(np.full((2, 3), 0.9))


def test_a_slow_policy_is_called_at_its_own_period_and_its_action_is_held():
    policy = Scripted(numbered, period_s=0.3)
    score = score_policy(policy, FakeSet(demonstration([[0, 0, 0]] * 3 + [[0.3, 0.3, 0.3]] * 2)))
    assert len(policy.batches) == 2
    assert score.mae == pytest.approx(0.0, abs=1e-6)


def test_a_policy_faster_than_the_recording_is_called_at_every_frame():
    policy = Scripted(numbered)
    score_policy(policy, FakeSet(demonstration(np.zeros((4, 3))), fps=1 / 0.3))
    assert len(policy.batches) == 4


def test_between_two_frames_the_earlier_is_seen_and_its_action_given_for_the_later():
    policy = Scripted(numbered)
    # Frames at 0, 67, 133, 200 and 267 ms; calls at 0, 100 and 200 ms see the frames 0, 1 and 3.
    score = score_policy(policy, FakeSet(demonstration(np.tile([[0], [0], [0.1], [0.3], [0.3]], (1, 3))), fps=15.0))
    assert [batch.pixels[0, 0, 0, 0] for batch in policy.batches] == [0, 1, 3]
    assert score.mae == pytest.approx(0.0, abs=1e-6)
    assert [finding.name for finding in score.findings if finding.name == "uneven calls"] == ["uneven calls"]


def test_actions_are_clipped_as_the_robot_does():
    assert score_policy(Scripted(constant(5, -5, 1)), FakeSet(demonstration([[1, -1, 1]]))).mae == 0.0


def test_a_chunk_is_played_as_far_as_the_policy_declares():
    chunk = np.tile(np.float32([[0.1] * 3, [0.2] * 3, [0.9] * 3]), (OFFLINE_BATCH, 1, 1))
    policy = Scripted(lambda batch: chunk)
    policy.spec = replace(policy.spec, chunk=3, replan=2)
    labels = np.repeat([[0.1], [0.2], [0.1], [0.2], [0.1]], 3, axis=1)
    assert score_policy(policy, FakeSet(demonstration(labels))).mae == pytest.approx(0.0, abs=1e-6)
    assert [batch.pixels[0, 0, 0, 0] for batch in policy.batches] == [0, 2, 4]


def test_observations_and_actions_are_in_the_policys_formats():
    policy = Scripted(lambda batch: np.tile(np.float32([0.575, 1.15]), (OFFLINE_BATCH, 1)))
    form = ActionFormat(columns=("wz", "vx"), unit="si")
    seen = ObservationFormat(frames=2, colours="bgr", state=("yaw",))
    policy.spec = replace(policy.spec, action=form, observation=seen)
    assert score_policy(policy, FakeSet(demonstration([[1, 0, 0.5]] * 3, marks=7))).mae == pytest.approx(0.0, abs=1e-6)
    last = policy.batches[-1]
    assert last.pixels.shape == (OFFLINE_BATCH, 2, 224, 224, 3)
    assert last.pixels[0, :, 0, 0].tolist() == [[0, 7, 1], [0, 7, 2]]  # blue, green, red: marks and the frame's number
    assert last.agent_pos.shape == (OFFLINE_BATCH, 1)


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


def test_images_of_another_size_are_resized_and_that_is_said():
    policy = Scripted(constant(0, 0, 0))
    score = score_policy(policy, FakeSet(demonstration([[0, 0, 0]], size=96)))
    assert policy.batches[0].pixels.shape == (OFFLINE_BATCH, 224, 224, 3)
    assert "frames of 96x96 pixels were resized to 224x224" in score.findings[-1].sentence


def test_an_axis_that_the_set_lacks_counts_in_no_error():
    labels = [[1, 0, 0.5], [1, 0, 0.5]]
    score = score_policy(Scripted(constant(1, 1, 0.5)), FakeSet(demonstration(labels), axes=("vx", "wz")))
    assert (score.mae, score.axes, score.errors.mae_axis) == (0.0, ("vx", "wz"), (0.0, 0.0))
    assert "no vy: every error here is over vx and wz alone" in score.findings[-1].sentence
    flat = score_policy(Scripted(constant(1, 1, 0)), FakeSet(demonstration(labels), axes=("vx", "vy")))
    assert flat.mae == 0.5
    assert flat.frame_kinds == ()


def test_without_a_state_policies_get_zeros_and_that_is_said():
    score = score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[0, 0, 0]]), state="none"))
    assert "no state: policies got zeros" in score.findings[-1].sentence


def test_a_frame_that_cant_be_read_is_no_error_of_the_policy():
    class Damaged(FakeSet):
        def frames(self, number, numbers=None):
            yield self.episodes[number].pixels[0]
            raise InputError("damaged")

    with pytest.raises(InputError, match="damaged"):
        score_policy(Scripted(constant(0, 0, 0)), Damaged(demonstration(np.zeros((3, 3)))))


def test_one_frame_of_each_episode_is_read_at_a_time():
    read = []

    class Counted(FakeSet):
        def frames(self, number, numbers=None):
            for pixels in super().frames(number, numbers):
                read.append(number)
                yield pixels

    policy = Scripted(lambda batch: np.full((OFFLINE_BATCH, 3), len(read)) / 1000)
    score_policy(policy, Counted(*[demonstration(np.zeros((5, 3)))] * 3))
    assert read == [0, 1, 2] * 5


def test_labels_that_are_not_finite_are_an_error():
    with pytest.raises(InputError, match="finite"):
        score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[math.nan, 0, 0]])))
