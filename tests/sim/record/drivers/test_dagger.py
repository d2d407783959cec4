import numpy as np
import pytest

from policies.policy import ObservationBatch, PolicySpec, PrivilegedState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
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
