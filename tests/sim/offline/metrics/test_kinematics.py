"""Laws of the integration of actions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.kinematics import roll_actions


def test_a_straight_drive_goes_where_the_robot_looks():
    poses = roll_actions(np.tile([1.0, 0.0, 0.0], (10, 1)), np.array([1.0, 2.0, math.pi / 2]), 0.1)
    assert poses.shape == (11, 3)
    assert poses[-1] == pytest.approx([1.0, 2.0 + 1.15, math.pi / 2])


def test_a_circle_closes():
    steps = 100
    turn = math.tau / (steps * 0.1 * 1.15)
    poses = roll_actions(np.tile([0.5, 0.0, turn], (steps, 1)), np.zeros(3), 0.1)
    assert poses[-1, :2] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert poses[-1, 2] == pytest.approx(math.tau)


def test_many_rolls_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(0)
    actions, starts = rng.uniform(-1, 1, (4, 6, 3)), rng.uniform(-1, 1, (4, 3))
    together = roll_actions(actions, starts, 0.1)
    assert together == pytest.approx(np.stack([roll_actions(a, s, 0.1) for a, s in zip(actions, starts, strict=True)]))
