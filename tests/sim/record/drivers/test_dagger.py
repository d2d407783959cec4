import numpy as np
import pytest

from policies.formats.action_format import VELOCITY, ActionFormat
from policies.policy import ObservationBatch, PolicySpec, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.robot import ACTION_SCALE
from sim.record.drivers.action_noise import SEGMENT_STEPS
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy
from sim.rollout.episode import Episode

EPISODES = [Episode("corridor", 1000, number) for number in (0, 1)]
WORLDS = [get_scenario("corridor").world(1000, number) for number in (0, 1)]


class Backwards:
    """Always drives straight back, and notes whether it was shown the truth."""

    def __init__(self, period_s=0.1):
        self.spec = PolicySpec("backwards", None, period_s, (0.0, 0.0, 0.0))
        self.saw_truth = False

    def reset(self, slots, instructions):
        pass

    def act(self, batch):
        self.saw_truth |= batch.truth is not None
        return np.tile(np.float32([-1.0, 0.0, 0.0]), (len(batch.live), 1))


def drive(policy, disturbance, steps=120):
    """Labels and executed actions (steps, 2, 3), at the start poses throughout."""
    return drive_with_bursts(policy, disturbance, steps)[:2]


def drive_with_bursts(policy, disturbance, steps=120):
    """Labels and executed actions (steps, 2, 3), and whether noise was added (steps, 2)."""
    driver = DaggerPolicy(policy, disturbance)
    driver.prepare(EPISODES, WORLDS, slots=2)
    driver.reset(range(2), [world.instruction for world in WORLDS])
    truth = tuple(PrivilegedState(w, np.array([w.start.x, w.start.y, w.start.yaw])) for w in WORLDS)
    batch = ObservationBatch(None, np.zeros((2, 6), np.float32), np.ones(2, bool), truth)
    driven = [(driver.act(batch), driver.labels, driver.noise_burst) for _ in range(steps)]
    executed, labels, bursts = (np.array(each) for each in zip(*driven, strict=True))
    return labels, executed, bursts


def test_the_undisturbed_expert_executes_its_labels():
    labels, executed = drive(None, ActionDisturbance())
    assert np.array_equal(labels, executed)


def test_bursts_move_what_is_executed_and_never_the_labels():
    clean, _ = drive(None, ActionDisturbance())
    labels, executed = drive(None, ActionDisturbance(bursts=True))
    assert np.array_equal(labels, clean)
    moved = (executed != labels).any(axis=2).mean()
    assert 0.05 < moved < 0.5


def test_a_burst_is_marked_where_noise_was_added_and_only_there():
    labels, executed, bursts = drive_with_bursts(None, ActionDisturbance(bursts=True))
    assert np.array_equal(bursts, (executed != labels).any(axis=2))
    assert not drive_with_bursts(Backwards(), ActionDisturbance())[2].any()


def test_the_policy_drives_and_the_expert_labels():
    policy = Backwards()
    labels, executed = drive(policy, ActionDisturbance())
    assert np.array_equal(executed, np.broadcast_to(np.float32([-1, 0, 0]), executed.shape))
    assert (labels[..., 0] != -1.0).all()
    assert not policy.saw_truth


def test_a_mixed_episode_is_driven_by_one_of_both_in_each_segment():
    labels, executed = drive(Backwards(), ActionDisturbance(expert_share=0.5))
    by_expert = (executed == labels).all(axis=2)
    by_policy = (executed == np.float32([-1, 0, 0])).all(axis=2)
    assert (by_expert | by_policy).all()
    assert by_expert.any()
    assert by_policy.any()
    assert all(len(set(by_expert[at : at + SEGMENT_STEPS, 0])) == 1 for at in range(0, 120, SEGMENT_STEPS))


def test_a_policy_with_another_period_is_refused():
    with pytest.raises(InputError, match=r"acts every 0\.3 s"):
        DaggerPolicy(Backwards(period_s=0.3), ActionDisturbance())


class Chunks:
    """Answers with chunks of displacements: the first action of a chunk says how many were asked for before it."""

    def __init__(self) -> None:
        self.spec = PolicySpec(
            "chunks", None, 0.1, (0.0, 0.0, 0.0), chunk=4, replan=3, action=ActionFormat("displacement")
        )
        self.calls = 0

    def reset(self, slots, instructions):
        pass

    def act(self, batch):
        assert batch.pixels is None
        self.calls += 1
        ahead_m = 0.01 * self.calls + 0.001 * np.arange(4)  # of each action
        chunk = np.stack([ahead_m, np.zeros(4), np.zeros(4)], axis=1).astype(np.float32)
        return np.tile(chunk, (len(batch.live), 1, 1))


def test_chunks_in_other_units_are_driven_as_far_as_the_policy_does_and_labelled_at_every_step():
    _, executed = drive(Chunks(), ActionDisturbance(), steps=7)
    ahead_m = executed[:, 0, 0] * ACTION_SCALE * 0.1
    assert np.allclose(ahead_m, [0.010, 0.011, 0.012, 0.020, 0.021, 0.022, 0.030], atol=1e-6)


def test_frames_of_a_driver_that_takes_none_can_have_any_size():
    driver = DaggerPolicy(Backwards(), ActionDisturbance(), (48, 64))
    assert driver.spec.image_size == (48, 64)
    assert DaggerPolicy(None, ActionDisturbance(), (48, 64)).spec.image_size == (48, 64)
    assert DaggerPolicy(None, ActionDisturbance()).spec.image_size is None


def test_the_driver_s_own_actions_are_velocities_at_every_step():
    spec = DaggerPolicy(Chunks(), ActionDisturbance()).spec
    assert (spec.chunk, spec.replan, spec.action) == (1, 1, VELOCITY)
