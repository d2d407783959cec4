"""Laws of a command: what holds when, its mean, and that nothing outside [-1, 1] gets past it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.simulation.command import Command
from scenarios.robot import DRIVE_TICKS

inside = st.lists(st.floats(-1.0, 1.0, width=32), min_size=3, max_size=3)
anything = st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3)
delays = st.integers(0, DRIVE_TICKS)


@given(before=inside, after=inside, delay=delays)
def test_the_mean_is_that_of_what_holds_tick_by_tick(before: list, after: list, delay: int) -> None:
    command = Command(np.array(before), np.array(after), delay)
    ticks = [command.at(tick) for tick in range(DRIVE_TICKS)]
    assert command.mean == pytest.approx(np.mean(ticks, axis=0), abs=1e-6)
    assert [np.array_equal(action, command.before) for action in ticks[:delay]] == [True] * delay
    assert [np.array_equal(action, command.after) for action in ticks[delay:]] == [True] * (DRIVE_TICKS - delay)


@pytest.mark.parametrize("delay", [0, DRIVE_TICKS])
def test_the_mean_of_an_action_that_holds_throughout_is_that_action_to_the_bit(delay: int) -> None:
    before, after = np.float32([0.1, 0.7, -0.3]), np.float32([1 / 3, -0.9, 0.6])
    assert Command(before, after, delay).mean.tobytes() == (before if delay else after).tobytes()


@given(before=anything, after=anything, delay=delays)
def test_actions_are_clipped_and_those_inside_are_left_as_they_are(before: list, after: list, delay: int) -> None:
    command = Command(np.array(before), np.array(after), delay)
    assert np.array_equal(command.before, np.clip(np.float32(before), -1.0, 1.0))
    assert np.array_equal(command.after, np.clip(np.float32(after), -1.0, 1.0))
    assert np.abs(command.mean).max() <= 1.0


@given(before=st.lists(inside, min_size=4, max_size=4), after=st.lists(inside, min_size=4, max_size=4), delay=delays)
def test_a_slot_of_a_batch_is_commanded_as_if_it_were_alone(before: list, after: list, delay: int) -> None:
    batch = Command(np.array(before), np.array(after), delay)
    for slot in range(4):
        alone = Command(np.array(before[slot]), np.array(after[slot]), delay)
        assert np.array_equal(batch.for_slot(slot).mean, alone.mean)
        assert np.array_equal(batch.mean[slot], alone.mean)


def test_what_the_caller_does_to_its_array_later_changes_no_command() -> None:
    action = np.float32([0.1, 0.2, 0.3])
    command = Command.hold(action)
    action[:] = 1.0
    assert command.at(0).tolist() == command.at(DRIVE_TICKS - 1).tolist() == np.float32([0.1, 0.2, 0.3]).tolist()


@pytest.mark.parametrize("bad", [[0.0, 0.0], [np.nan, 0, 0], [0, np.inf, 0], [[[0, 0, 0]]], 0.5, [[0.0, 1.0]]])
def test_what_is_not_an_action_is_refused(bad: list) -> None:
    for arguments in ((bad, [0, 0, 0]), ([0, 0, 0], bad)):
        with pytest.raises(ValueError, match="three finite numbers"):
            Command(*map(np.array, arguments))


def test_a_command_costs_no_physics() -> None:
    code = "import sys, envs.simulation.command, envs.simulation.task_monitor; print('pybullet' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root).stdout == "False\n"
