"""Laws of the robot's numbers."""

from __future__ import annotations

import pytest

from scenarios import robot


def test_a_control_period_is_a_whole_number_of_drive_ticks_and_a_tick_of_physics_steps():
    assert pytest.approx(robot.CONTROL_PERIOD_S * robot.DRIVE_HZ) == robot.DRIVE_TICKS
    assert robot.PHYSICS_HZ % robot.DRIVE_HZ == 0


def test_a_key_press_is_a_whole_number_of_control_periods():
    periods = robot.KEY_PRESS_PERIOD_S / robot.CONTROL_PERIOD_S
    assert periods == pytest.approx(round(periods))
