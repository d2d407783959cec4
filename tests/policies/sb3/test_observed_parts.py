"""Spaces are read as frames and states of one or several steps, and stacked as Stable-Baselines3 stacks them."""

from __future__ import annotations

import numpy as np
import pytest
from stable_baselines3.common.vec_env import VecFrameStack

from policies.policy import ObservationBatch
from policies.sb3.colour_prompt import add_likeness, find_colour
from policies.sb3.observed_parts import ArraySpace, ObservationStack, ObservedParts, describe_parts
from scenarios.common.errors import InputError

from .models import BOTH, make_batch, make_env


@pytest.mark.parametrize(
    ("pixels", "state", "expected"),
    [
        ((3, 40, 48), (6,), ((40, 48), 1)),
        ((40, 48, 3), (6,), ((40, 48), 1)),
        ((12, 40, 48), (24,), ((40, 48), 4)),
        ((40, 48, 12), (24,), ((40, 48), 4)),
    ],
)
def test_size_and_number_of_frames_are_told_from_shapes(
    pixels: tuple[int, ...], state: tuple[int, ...], expected: tuple[tuple[int, int], int]
) -> None:
    spaces = {"agent_pos": ArraySpace(state, "float32"), "pixels": ArraySpace(pixels, "uint8")}
    parts = describe_parts(spaces, "it")
    assert (parts.image_size, parts.frames) == expected
    assert parts.keys == ("agent_pos", "pixels")


@pytest.mark.parametrize(
    ("spaces", "message"),
    [
        ({}, "observes ''"),
        ({"goal": ArraySpace((3,), "float32")}, "observes 'goal'"),
        ({"prompted_pixels": ArraySpace((3, 40, 48), "uint8")}, "frames of the shape"),
        ({"pixels": ArraySpace((3, 40, 48), "float32")}, "frames of the shape .* and type float32"),
        ({"pixels": ArraySpace((40, 48), "uint8")}, "frames of the shape"),
        ({"pixels": ArraySpace((40, 48, 4), "uint8")}, "frames of the shape"),
        ({"agent_pos": ArraySpace((2, 6), "float32")}, "a state of the shape"),
        (
            {"agent_pos": ArraySpace((6,), "float32"), "pixels": ArraySpace((6, 40, 48), "uint8")},
            r"different numbers of frames and states at a time: \[1, 2\]",
        ),
    ],
)
def test_other_observations_are_refused(spaces: dict[str, ArraySpace], message: str) -> None:
    with pytest.raises(InputError, match=f"it observes {message}|it {message}"):
        describe_parts(spaces, "it")


def test_stacks_are_those_of_vec_frame_stack() -> None:
    theirs = VecFrameStack(make_env(BOTH), 3)
    stack = ObservationStack(ObservedParts(("agent_pos", "pixels"), (40, 48), frames=3))
    expected = theirs.reset()
    stack.begin([0], [""])
    for _ in range(5):
        latest = {"pixels": expected["pixels"][..., -3:], "agent_pos": expected["agent_pos"][..., -6:]}
        found = stack.add(ObservationBatch(latest["pixels"], latest["agent_pos"], np.ones(1, bool)))
        assert all(np.array_equal(found[key], expected[key]) for key in expected)
        expected = theirs.step(np.zeros((1, 3), np.float32))[0]


def test_a_slot_that_begins_anew_forgets_and_the_others_do_not() -> None:
    stack = ObservationStack(ObservedParts(("agent_pos",), None, frames=2))
    first, second = make_batch(2, 0), make_batch(2, 1)
    stack.begin([0, 1], [""] * 2)
    stack.add(first)
    stack.begin([1], [""])
    found = stack.add(second)["agent_pos"]
    assert np.array_equal(found[0], np.concatenate([first.agent_pos[0], second.agent_pos[0]]))
    assert np.array_equal(found[1], np.concatenate([np.zeros(6, np.float32), second.agent_pos[1]]))


def test_a_batch_without_frames_is_refused_where_they_are_observed() -> None:
    stack = ObservationStack(ObservedParts(("pixels",), (40, 48)))
    with pytest.raises(ValueError, match="needs 'pixels'"):
        stack.add(ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool)))


def test_prompted_frames_show_each_slot_its_own_colour() -> None:
    parts = describe_parts({"prompted_pixels": ArraySpace((4, 40, 48), "uint8")}, "it")
    assert (parts.image_size, parts.image_key) == ((40, 48), "prompted_pixels")
    stack, batch = ObservationStack(parts), make_batch(2, 0)
    stack.begin([0, 1], ["go to the red ball", "go to the blue cone"])
    found = stack.add(batch)["prompted_pixels"]
    assert found.shape == (2, 40, 48, 4)
    assert batch.pixels is not None
    assert np.array_equal(found[1], add_likeness(batch.pixels[1:], [find_colour("blue")])[0])
    stack.begin([1], ["go to the red ball"])
    again = stack.add(batch)["prompted_pixels"]
    assert np.array_equal(again[0], found[0])
    assert not np.array_equal(again[1], found[1])
