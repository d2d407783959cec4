"""A block's episodes do not feel each other, and ended ones stand still."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from envs.simulation.lockstep import Lockstep
from scenarios.lookup import get_scenario

WORLDS = [get_scenario("corridor").world(60, episode) for episode in range(3)]


@pytest.fixture(scope="module", params=["auto", "tiny"])
def trio(request: pytest.FixtureRequest) -> Iterator[Lockstep]:
    lockstep = Lockstep(3, request.param)
    yield lockstep
    lockstep.close()


def _drive(lockstep: Lockstep, worlds: list, steps: int = 5) -> tuple[np.ndarray, np.ndarray]:
    step = lockstep.reset(worlds)
    for number in range(steps):
        action = np.array([[0.6, 0.1 * number, 0.2]] * len(lockstep.simulations), np.float32)
        step = lockstep.step(action, np.ones(len(lockstep.simulations), bool))
    return step.pixels, np.array([state.agent_pos for state in step.states])


def test_an_episode_is_the_same_whoever_runs_beside_it(trio: Lockstep) -> None:
    pixels, states = _drive(trio, WORLDS)
    turned, turned_states = _drive(trio, WORLDS[::-1])
    assert np.array_equal(pixels, turned[::-1])
    assert np.array_equal(states, turned_states[::-1])


def test_a_slot_that_is_not_live_stands_still(trio: Lockstep) -> None:
    before = trio.reset(WORLDS)
    after = trio.step(np.ones((3, 3), np.float32), np.array([True, False, True]))
    assert np.array_equal(before.pixels[1], after.pixels[1])
    assert np.array_equal(before.states[1].pose, after.states[1].pose)
    assert not np.array_equal(before.pixels[0], after.pixels[0])


def test_missing_worlds_are_padded_and_too_many_refused(trio: Lockstep) -> None:
    assert trio.reset(WORLDS[:1]).pixels.shape == (3, 224, 224, 3)
    with pytest.raises(ValueError, match="4 worlds do not fit 3 slots"):
        trio.reset([*WORLDS, WORLDS[0]])


def test_instructions_and_frames_of_different_slots_differ(trio: Lockstep) -> None:
    pixels = trio.reset(WORLDS).pixels
    assert len({frame.tobytes() for frame in pixels}) == 3
