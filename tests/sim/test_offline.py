import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dataset import Demonstration, SceneRef
from policies.expert import Expert
from policies.policy import PolicySpec
from scenarios.errors import InputError
from scenarios.registry import get_scenario
from sim import offline
from sim.offline import floors, held_out, interval, pose_of, score

SCENE = SceneRef("corridor", 9000, 0)


def demonstration(actions, scene=SCENE, size=224):
    actions = np.asarray(actions, np.float32).reshape(-1, 3)
    pixels = np.zeros((len(actions), size, size, 3), np.uint8)
    pixels[:, 0, 0, 0] = np.arange(len(actions))
    agent_pos = np.zeros((len(actions), 6), np.float32)
    return Demonstration(scene, "go", True, "expert", pixels, agent_pos, actions, actions)


class FakeSet:
    root = "fake"

    def __init__(self, *episodes):
        self.episodes = episodes

    def __len__(self):
        return len(self.episodes)

    def demonstration(self, number):
        return self.episodes[number]


class Scripted:
    """Answers by a function of the batch, and keeps what it was asked."""

    def __init__(self, answer, period_s=0.1, image_size=(224, 224)):
        self.spec = PolicySpec("scripted", image_size, period_s, (0.0, 0.0, 0.0))
        self.answer = answer
        self.batches = []
        self.resets = []

    def reset(self, slots, instructions):
        self.resets.append(list(slots))

    def act(self, batch):
        self.batches.append(batch)
        return self.answer(batch)


def constant(*action):
    return lambda batch: np.tile(np.float32(action), (len(batch.live), 1))


def test_errors_of_a_constant_by_hand():
    # labels (1, 0, 0), (0, 0, 0.5); answer (0.5, 0, 0): |e| = 0.5, 0, 0, 0.5, 0, 0.5
    entry = score(Scripted(constant(0.5, 0, 0)), FakeSet(demonstration([[1, 0, 0], [0, 0, 0.5]])))
    assert entry["mae"] == pytest.approx(0.25)
    assert entry["mae_axis"] == pytest.approx([0.5, 0.0, 0.25])
    assert entry["rmse"] == pytest.approx(math.sqrt(0.125))
    assert (entry["frames"], entry["episodes"], entry["error"]) == (2, 1, None)


def test_floors_by_hand():
    labels = [np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0]]), np.array([[1, 0, 0]])]
    found = floors(labels)
    assert found["zero"] == pytest.approx(3 / 12)
    assert found["mean"] == pytest.approx((3 * 0.25 + 0.75) / 12)
    assert found["median"] == pytest.approx(1 / 12)
    assert found["hold"] == pytest.approx((1 + 0 + 1 + 1) / 12)  # every episode begins at rest


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1, max_size=5), min_size=1, max_size=4))
def test_no_constant_beats_the_median(episodes):
    found = floors([np.array(episode) for episode in episodes])
    assert found["median"] <= min(found["zero"], found["mean"]) + 1e-9


def test_episodes_of_different_lengths_count_by_their_frames():
    entry = score(
        Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 1, 1]] * 3), demonstration([[0.5, 0.5, 0.5]]))
    )
    assert entry["mae"] == pytest.approx(3.5 / 4)
    assert entry["low"] == pytest.approx(0.5)
    assert entry["high"] == pytest.approx(1.0)


def test_the_interval_resamples_whole_episodes_and_repeats():
    errors = [np.full((10, 3), value) for value in (0.1, 0.2, 0.3, 0.4)]
    low, high = interval(errors)
    assert 0.1 <= low < 0.25 < high <= 0.4
    assert (low, high) == interval(errors)


def test_frames_come_in_order_in_a_batch_whose_size_never_changes():
    policy = Scripted(constant(0, 0, 0))
    score(policy, FakeSet(demonstration(np.zeros((3, 3))), demonstration(np.zeros((2, 3)))))
    assert [batch.pixels.shape[0] for batch in policy.batches] == [offline.BATCH] * 3
    assert [batch.pixels[0, 0, 0, 0] for batch in policy.batches] == [0, 1, 2]
    assert [batch.pixels[1, 0, 0, 0] for batch in policy.batches] == [0, 1, 1]
    assert [batch.live.sum() for batch in policy.batches] == [2, 2, 1]
    assert policy.resets == [list(range(offline.BATCH))]


def test_a_slow_policy_is_asked_at_its_own_period_and_its_answer_held():
    policy = Scripted(lambda batch: np.tile(batch.pixels[:, 0, 0, :1] / 10, (1, 3)).astype(np.float32), period_s=0.3)
    entry = score(policy, FakeSet(demonstration([[0, 0, 0]] * 3 + [[0.3, 0.3, 0.3]] * 2)))
    assert len(policy.batches) == 2
    assert entry["mae"] == pytest.approx(0.0, abs=1e-6)


def test_answers_are_clipped_as_the_robot_would():
    assert score(Scripted(constant(5, -5, 1)), FakeSet(demonstration([[1, -1, 1]])))["mae"] == 0.0


@pytest.mark.parametrize(
    "answer",
    [lambda batch: np.zeros((2, 3)), constant(math.nan, 0, 0), lambda batch: 1 / 0],
    ids=["shape", "nan", "raises"],
)
def test_a_policy_that_fails_has_an_error_and_no_number(answer):
    entry = score(Scripted(answer), FakeSet(demonstration([[1, 0, 0]])))
    assert entry["error"]
    assert entry["mae"] is None
    assert entry["floors"]["zero"] == pytest.approx(1 / 3)


def test_the_expert_is_asked_in_the_recorded_states():
    world = get_scenario("corridor").world(9000, 0)
    expert = Expert()
    episode = demonstration([[0, 0, 0]])
    from policies.expert import command
    from scenarios.planner import Planner

    label = command(Planner(world), np.array([world.start.x, world.start.y, world.start.yaw]))
    entry = score(expert, FakeSet(demonstration([label])))
    assert entry["mae"] == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(InputError, match="scenes"):
        score(expert, FakeSet(demonstration(episode.actions, scene=None)))


def test_images_of_another_size_are_refused():
    with pytest.raises(InputError, match="96x96"):
        score(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[0, 0, 0]], size=96)))


def test_pose_of_turns_odometry_into_the_worlds_frame():
    world = SimpleNamespace(start=SimpleNamespace(x=1.0, y=2.0, yaw=math.pi / 2))
    assert pose_of(world, np.array([0, 0, 0, 3, 0.5, 0.1])) == pytest.approx([0.5, 5.0, math.pi / 2 + 0.1])


def test_held_out_sets_are_made_once_and_whole(tmp_path, monkeypatch):
    made = []

    def fake_record(plan, out, workers):
        made.append(plan)
        out.mkdir()
        (out / "data").write_text("x")

    monkeypatch.setattr("sim.record.record", fake_record)
    first = held_out("corridor", tmp_path)
    assert held_out("corridor", tmp_path) == first
    assert (first / "data").read_text() == "x"
    assert len(made) == 1
    assert made[0].suite_seed == offline.HELD_OUT_SEED
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [first]


def test_a_failed_recording_leaves_nothing_that_looks_like_a_set(tmp_path, monkeypatch):
    def broken(plan, out, workers):
        out.mkdir()
        raise RuntimeError("no")

    monkeypatch.setattr("sim.record.record", broken)
    with pytest.raises(RuntimeError):
        held_out("corridor", tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_changed_code_makes_another_set(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.record.record", lambda plan, out, workers: out.mkdir())
    first = held_out("corridor", tmp_path)
    monkeypatch.setattr(offline, "_code_hash", lambda: "other")
    assert held_out("corridor", tmp_path) != first


def test_the_cache_folder_follows_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    assert offline.default_cache() == tmp_path
    monkeypatch.delenv("MOBILE_VLA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert offline.default_cache() == tmp_path / "mobile-vla-sim"
