"""Laws of displacement errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.actions.displacement import measure_displacement
from sim.offline.metrics.episode import PredictedEpisode


def made(labels, given, **more):
    return PredictedEpisode(np.array(labels), np.array(given), 10.0, **more)


def test_a_slower_robot_falls_behind_by_hand():
    # per step 0.115 m against 0.0575 m: behind by 0.0575, 0.115 m at the end of two steps
    episode = made([[1.0, 0, 0]] * 2, [[0.5, 0, 0]] * 2)
    found = measure_displacement(episode, 0.2)
    assert found == pytest.approx((0.0575 * 1.5, 0.115, 0.0))


def test_all_windows_count_alike():
    episode = made([[0, 0, 0]] * 3, [[0, 0, 1.0], [0, 0, 0], [0, 0, 0]])
    assert measure_displacement(episode, 0.2) == pytest.approx((0.0, 0.0, 0.115 / 2))


def test_an_episode_shorter_than_the_horizon_has_no_displacement():
    assert all(map(math.isnan, measure_displacement(made([[0, 0, 0]], [[1, 0, 0]]), 1.0)))


def test_an_axis_that_is_not_recorded_counts_as_zero():
    flat = made([[1.0, 0.0]] * 4, [[0.5, 0.3]] * 4, axes=("vx", "wz"))
    full = made([[1.0, 0.0, 0.0]] * 4, [[0.5, 0.0, 0.3]] * 4)
    assert measure_displacement(flat, 0.3) == pytest.approx(measure_displacement(full, 0.3))
