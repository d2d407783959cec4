"""Commands come out as late, as strong and as slippery as was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from envs.simulation.actuation import Actuator
from scenarios.world import Actuation

TICK_S = 0.025
FORWARD = np.array([1.0, 0.0, 0.0])


def _drive(actuator: Actuator, commands: np.ndarray, ticks: int = 4) -> np.ndarray:
    """(n * ticks, 3) what the base does when each command is held for a control step."""
    done = []
    for command in commands:
        actuator.begin_step()
        done += [actuator.apply(command) for _ in range(ticks)]
    return np.array(done)


def test_a_base_in_order_does_what_it_is_told() -> None:
    commands = np.random.default_rng(0).uniform(-1, 1, (5, 3))
    assert np.array_equal(_drive(Actuator(Actuation(), TICK_S), commands), commands.repeat(4, axis=0))


def test_gain_multiplies_each_axis() -> None:
    done = Actuator(Actuation(gain=(1.2, 0.5, 0.9)), TICK_S).apply(np.array([1.0, -0.8, 0.5]))
    assert done == pytest.approx([1.2, -0.4, 0.45])


def test_a_delay_of_50_ms_takes_two_ticks_of_25_ms() -> None:
    commands = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    done = _drive(Actuator(Actuation(delay_s=0.05), TICK_S), commands)
    told = [[0, 0, 0]] * 2 + [[1, 0, 0]] * 4 + [[0, 1, 0]] * 2
    assert done.tolist() == told


def test_gain_is_that_of_when_the_command_comes_through_and_delay_may_exceed_a_step() -> None:
    done = _drive(Actuator(Actuation(gain=(0.5, 1.0, 1.0), delay_s=0.15), TICK_S), np.array([FORWARD] * 2))
    assert done[:, 0].tolist() == [0.0] * 6 + [0.5] * 2


def test_slip_is_drawn_anew_for_every_step_and_held_within_it() -> None:
    done = _drive(Actuator(Actuation(slip=0.1, seed=1), TICK_S), np.ones((400, 3))).reshape(400, 4, 3)
    assert np.all(done == done[:, :1])
    factors = done[:, 0]
    assert len(np.unique(factors)) == factors.size
    assert factors.mean() == pytest.approx(1.0, abs=0.01)
    assert factors.std() == pytest.approx(0.1, rel=0.1)


def test_slip_never_turns_a_command_round() -> None:
    assert _drive(Actuator(Actuation(slip=2.0), TICK_S), np.ones((200, 3))).min() == 0.0


def test_a_seed_gives_the_same_slip_again_and_reset_empties_the_delay_line() -> None:
    actuator, commands = Actuator(Actuation(slip=0.2, delay_s=0.1, seed=3), TICK_S), np.ones((6, 3))
    once = _drive(actuator, commands)
    actuator.reset()
    assert np.array_equal(_drive(actuator, commands), once)
    other = Actuator(Actuation(slip=0.2, delay_s=0.1, seed=4), TICK_S)
    assert not np.array_equal(_drive(other, commands), once)


def test_a_command_that_its_sender_writes_over_comes_through_as_it_was() -> None:
    actuator, command = Actuator(Actuation(delay_s=0.025), TICK_S), np.ones(3)
    actuator.apply(command)
    command[:] = -1.0
    assert actuator.apply(command).tolist() == [1.0, 1.0, 1.0]


def test_a_delay_between_ticks_is_refused() -> None:
    with pytest.raises(ValueError, match="not a whole number of drive ticks"):
        Actuator(Actuation(delay_s=0.03), TICK_S)
