"""Laws of the camera at any pose: it sees what the robot would see there, to the byte."""

from __future__ import annotations

import numpy as np
import pytest

from envs.camera import make_renderer
from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep
from scenarios.lookup import get_scenario
from sim.offline.metrics.gathering.pose_camera import PoseCamera

SIZE = (48, 64)


@pytest.fixture(scope="module")
def renderer():
    found = make_renderer("auto")
    yield found
    found.close()


@pytest.mark.parametrize("scenario", ["lookalikes", "crossing", "pursuit"])
def test_it_sees_what_the_robot_sees_where_it_was_driven(renderer, scenario):
    world = get_scenario(scenario).world(9000, 0)
    lockstep, camera = Lockstep(1, renderer, SIZE), PoseCamera(renderer, SIZE)
    steps = [lockstep.reset([world])]
    for _ in range(5):
        steps.append(lockstep.step(Command.hold(np.array([[0.3, 0.0, 0.2]])), np.ones(1, bool)))
    for step in (steps[-1], steps[0]):  # in any order
        state = step.states[0]
        seen = camera.render(world, state.pose, state.progress)
        assert seen.shape == (*SIZE, 3)
        assert np.abs(seen.astype(int) - step.pixels[0]).mean() < 0.05  # the wheels have turned
    assert np.abs(steps[0].pixels.astype(int) - steps[-1].pixels).mean() > 0.5
    camera.close()


def test_a_start_is_equal_to_the_byte_and_another_world_is_built_anew(renderer):
    lockstep, camera = Lockstep(1, renderer, SIZE), PoseCamera(renderer, SIZE)
    for scenario in ("corridor", "crossing", "corridor"):
        world = get_scenario(scenario).world(9000, 1)
        step = lockstep.reset([world])
        state = step.states[0]
        assert np.array_equal(camera.render(world, state.pose, state.progress), step.pixels[0])
    camera.close()
