"""Spaces hold what the environments give, and a frame's size is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from envs.spaces import check_image_size, make_action_space, make_observation_space
from scenarios.common.errors import InputError


def test_frames_have_the_height_and_width_that_were_asked_for() -> None:
    space = make_observation_space((48, 64))
    assert space["pixels"].shape == (48, 64, 3)
    assert space["pixels"].dtype == np.uint8
    assert space["agent_pos"].shape == (6,)


def test_actions_are_three_numbers_up_to_one() -> None:
    space = make_action_space()
    assert space.contains(np.array([1.0, -1.0, 0.0], np.float32))
    assert not space.contains(np.array([1.1, 0.0, 0.0], np.float32))


@pytest.mark.parametrize("given", [(64, 48), [64, 48], np.array([64, 48])])
def test_two_whole_numbers_are_a_size(given: Any) -> None:
    assert check_image_size(given) == (64, 48)


@pytest.mark.parametrize("given", [(64,), (64, 48, 3), (0, 64), (7, 64), (64, 5000), (64.0, 64), "ab", None, 64])
def test_anything_else_is_refused_with_what_is_possible(given: Any) -> None:
    with pytest.raises(InputError, match="two whole numbers from 8 to 4096"):
        check_image_size(given)
