"""Laws of a trace: what is kept of an episode, and what the expert says of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from scenarios.lookup import get_scenario
from sim.rollout.episode import Episode, InferenceTime, Outcome
from sim.rollout.trace import START_ROWS, SnapshotLog, TraceObserver

EPISODE = Episode("corridor", 1, 0)


@pytest.fixture(scope="module")
def world():
    return get_scenario("corridor").world(1, 0)


class FakeSimulation:
    """Counts up at every snapshot."""

    def __init__(self):
        self.taken = 0

    def snapshot(self):
        self.taken += 1
        return np.full(6, float(self.taken))


def state(world, x=0.0, status=None, touched=None):
    pose = np.array([world.start.x + x, world.start.y, world.start.yaw])
    agent_pos = np.array([1, 0, 0, x, 0, 0], np.float32)
    seen = {"status": status, "touched": touched, "clearance_m": 0.5 - x, "progress": ()}
    return SimpleNamespace(pose=pose, agent_pos=agent_pos, **seen)


def drive(observer, world, slot=0, xs=(0.1, 0.2), action=(0.5, 0.0, 0.0), pixel=0):
    pixels = np.full((4, 4, 3), pixel, np.uint8)
    observer.started(slot, EPISODE, world, pixels, state(world))
    for x in xs:
        last = x == xs[-1]
        after = state(world, x, "collision" if last else None, "box-0" if last else None)
        observer.stepped(slot, np.float32(action), pixels, after, InferenceTime(10.0, 4))
    observer.ended(slot, Outcome("collision", len(xs)))


def test_a_trace_holds_one_state_more_than_actions(world):
    observer = TraceObserver([FakeSimulation()])
    drive(observer, world)
    trace = observer.traces[0]
    assert trace.steps == 2
    assert trace.poses.shape == (3, 3)
    assert trace.agent_pos.shape == (3, 6)
    assert trace.snapshots[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert trace.clearance_m.tolist() == pytest.approx([0.5, 0.4, 0.3])
    assert (trace.policy_ms.tolist(), trace.call_ms.tolist()) == ([2.5, 2.5], [10.0, 10.0])
    assert trace.labels.shape == (2, 3)
    assert trace.touched == "box-0"


def test_labels_are_the_experts_answers_in_the_states_before_each_action(world):
    from policies.scripted.expert import compute_expert_action
    from scenarios.navigation.planner import Planner

    observer = TraceObserver([FakeSimulation()])
    drive(observer, world)
    trace, planner = observer.traces[0], Planner(world)
    assert np.array_equal(trace.labels, [compute_expert_action(planner, pose) for pose in trace.poses[:-1]])
    assert trace.optimal_m == planner.optimal_m


def test_an_episode_without_a_step_leaves_an_empty_trace(world):
    observer = TraceObserver([FakeSimulation()])
    drive(observer, world, xs=())
    assert observer.traces[0].actions.shape == (0, 3)
    assert observer.traces[0].labels.shape == (0, 3)


def test_a_log_of_snapshots_contains_all_of_them_beyond_its_first_size() -> None:
    snapshots = np.arange(3.0 * 2 * (START_ROWS + 1)).reshape(-1, 3)
    log = SnapshotLog(snapshots[0])
    for snapshot in snapshots[1:]:
        log.add(snapshot)
    assert np.array_equal(log.to_array(), snapshots)


def test_a_log_of_snapshots_keeps_copies() -> None:
    snapshot = np.zeros(2)
    log = SnapshotLog(snapshot)
    snapshot[:] = 1.0
    assert not log.to_array().any()
