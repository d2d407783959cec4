"""A block's episodes do not feel each other, and ended ones stand still."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from skimage.transform import resize

from envs.simulation.command import Command
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
        step = lockstep.step(Command.hold(action), np.ones(len(lockstep.simulations), bool))
    return step.pixels, np.array([state.agent_pos for state in step.states])


def test_an_episode_is_the_same_whoever_runs_beside_it(trio: Lockstep) -> None:
    pixels, states = _drive(trio, WORLDS)
    turned, turned_states = _drive(trio, WORLDS[::-1])
    assert np.array_equal(pixels, turned[::-1])
    assert np.array_equal(states, turned_states[::-1])


def test_a_slot_that_is_not_live_stands_still(trio: Lockstep) -> None:
    before = trio.reset(WORLDS)
    after = trio.step(Command.hold(np.ones((3, 3))), np.array([True, False, True]))
    assert np.array_equal(before.pixels[1], after.pixels[1])
    assert np.array_equal(before.states[1].pose, after.states[1].pose)
    assert not np.array_equal(before.pixels[0], after.pixels[0])


def test_missing_worlds_are_padded_with_the_first_and_too_many_refused(trio: Lockstep) -> None:
    pixels = trio.reset(WORLDS[:2]).pixels
    assert trio.worlds == (*WORLDS[:2], WORLDS[0])
    assert np.array_equal(pixels[2], pixels[0])
    assert not np.array_equal(pixels[1], pixels[0])
    with pytest.raises(ValueError, match="4 worlds do not fit in 3 slots"):
        trio.reset([*WORLDS, WORLDS[0]])


def test_frames_of_earlier_steps_are_not_overwritten(trio: Lockstep) -> None:
    first = trio.reset(WORLDS)
    kept = first.pixels.copy()
    trio.step(Command.hold(np.ones((3, 3))), np.ones(3, bool))
    assert np.array_equal(first.pixels, kept)


def test_instructions_and_frames_of_different_slots_differ(trio: Lockstep) -> None:
    pixels = trio.reset(WORLDS).pixels
    assert len({frame.tobytes() for frame in pixels}) == 3


def test_slots_that_begin_anew_are_as_if_all_had_begun_and_the_others_stay(trio: Lockstep) -> None:
    fresh, _ = _drive(trio, [WORLDS[0], WORLDS[2], WORLDS[1]], steps=0)
    before, states = _drive(trio, WORLDS)
    step = trio.reset_slots({1: WORLDS[2], 2: WORLDS[1]})
    assert trio.worlds == (WORLDS[0], WORLDS[2], WORLDS[1])
    assert np.array_equal(step.pixels[0], before[0])
    assert np.array_equal(step.states[0].agent_pos, states[0])
    assert np.array_equal(step.pixels[1:], fresh[1:])


@pytest.mark.parametrize("size", [(64, 64), (96, 160), (300, 120)])
def test_the_camera_draws_frames_of_any_size(trio: Lockstep, size: tuple[int, int]) -> None:
    full = trio.reset(WORLDS).pixels
    trio.image_size = size
    try:
        step = trio.reset(WORLDS)
        moved, _ = _drive(trio, WORLDS, 1)
    finally:
        trio.image_size = full.shape[1:3]
    assert step.pixels.shape == moved.shape == (3, *size, 3)
    side = min(size)  # the vertical field of view is that of the full frame, so the middle shows the same
    middle = step.pixels[:, :, (size[1] - side) // 2 : (size[1] + side) // 2]
    if size[1] >= size[0]:
        shrunk = resize(full[0], (side, side), anti_aliasing=True, preserve_range=True)
        assert np.abs(shrunk - middle[0]).mean() < 0.5 * np.abs(shrunk[:, ::-1] - middle[0]).mean()
