"""Laws of the environment's benchmarks."""

import numpy as np
import pytest

from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep
from scenarios.registry import SCENARIOS
from sim.benchmark import environment, measurements
from sim.benchmark.environment import measure_environment, measure_families, measure_vector_environments

pytestmark = pytest.mark.slow  # drives episodes


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(measurements, "MIN_TURN_S", 0.0)
    monkeypatch.setattr(environment, "SLOT_COUNTS", (1,))
    monkeypatch.setattr(environment, "FAMILY_SLOTS", 1)
    monkeypatch.setattr(environment, "VECTOR_SLOTS", 2)


def test_both_renderers_step_the_environment_and_the_first_is_relative_to_the_second():
    ours, theirs = measure_environment(repeats=1)
    assert (ours.name, theirs.name) == ("gl, 224x224, 1 side by side", "tiny, 224x224, 1 side by side")
    assert ours.ratio == pytest.approx(ours.value / theirs.value)


def test_the_vector_environment_is_measured_relative_to_gymnasiums_by_cpu_time():
    ours, theirs = measure_vector_environments(repeats=1)
    assert ours.name == "tiled, 2 robots, 224x224, in one process"
    assert theirs.name == "SyncVectorEnv, 2 robots, 224x224, in one process"
    assert ours.unit == theirs.unit == "steps/CPU s"
    assert ours.ratio == pytest.approx(ours.value / theirs.value)


def test_every_family_is_measured_relative_to_the_corridor():
    found = {one.name: one for one in measure_families(repeats=1)}
    assert list(found) == list(SCENARIOS)
    assert found["corridor"].ratio == 1.0
    assert all(one.ratio == pytest.approx(one.value / found["corridor"].value) for one in found.values())


@pytest.mark.parametrize("family", ["corridor", "rooms"])
def test_a_robot_that_is_measured_sways_and_ends_no_episode(family):
    block = Lockstep(1)
    try:
        step = environment._stepping(block, 1, family)
        start = block.simulations[0].world.start
        assert sum(step() for _ in range(60)) == 60
        state = block.step(Command.hold(np.zeros((1, 3))), np.ones(1, bool)).states[0]
        assert state.touched is None
        assert np.hypot(state.pose[0] - start.x, state.pose[1] - start.y) < 0.1
    finally:
        block.close()
