from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from policies.dataset.demonstration import STATE_SIZE, Demonstration
from scenarios.robot import ACTION_SIZE

from .conftest import MakeDemonstration


@pytest.mark.parametrize("length", [1, 7])
def test_its_length_is_its_number_of_frames(demonstration: MakeDemonstration, length: int) -> None:
    made = demonstration(length)
    assert made.length == length == len(made.pixels) == len(made.agent_pos)


def test_its_state_is_a_velocity_for_each_axis_and_a_pose(demonstration: MakeDemonstration) -> None:
    assert STATE_SIZE == ACTION_SIZE + 3
    assert demonstration(2).agent_pos.shape == (2, STATE_SIZE)


def test_what_was_recorded_is_not_changed_in_place(demonstration: MakeDemonstration) -> None:
    made: Demonstration = demonstration(2)
    with pytest.raises(FrozenInstanceError):
        made.success = True  # type: ignore[misc]
