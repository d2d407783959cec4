"""Laws of the metrics of drives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.scenes import drives
from sim.offline.metrics.scenes.drives import DrivenStates


def made(states, actions=(), labels=()):
    return DrivenStates(np.array(states, float), np.array(actions, float), np.array(labels, float), 0.1)


def test_the_error_counts_up_to_a_time_by_hand():
    drive = made(np.zeros((4, 4)), [[0.3, 0, 0], [0.6, 0, 0], [0.9, 0, 0]], np.zeros((3, 3)))
    assert drives.measure_driven_error(drive) == pytest.approx((0.1 + 0.2 + 0.3) / 3)
    assert drives.measure_driven_error(drive, 0.2) == pytest.approx((0.1 + 0.2) / 2)
    assert math.isnan(drives.measure_driven_error(None))


def test_the_distance_of_shifted_states_is_the_shift_by_hand():
    line = np.column_stack([np.linspace(0, 1, 50), np.zeros((50, 3))])
    assert drives.measure_state_divergence(made(line), line) == 0.0
    assert drives.measure_state_divergence(made(np.add(line, [0, 0.3, 0, 0.4])), line) == pytest.approx(0.5)
    assert math.isnan(drives.measure_state_divergence(None, line))


def test_the_order_of_states_does_not_count_and_a_full_turn_is_none():
    line = np.column_stack([np.linspace(0, 1, 50), np.zeros((50, 3))])
    assert drives.measure_state_divergence(made(np.add(line[::-1], [0, 0, math.tau, 0])), line) == pytest.approx(
        0.0, abs=1e-9
    )


def test_it_is_scipys_distance_in_one_dimension():
    from scipy.stats import wasserstein_distance

    rng = np.random.default_rng(0)
    one, other = np.zeros((50, 4)), np.zeros((50, 4))
    one[:, 0], other[:, 0] = rng.normal(size=50), rng.normal(0.5, 2.0, 50)
    by_scipy = wasserstein_distance(one[:, 0], other[:, 0])
    assert drives.measure_state_divergence(made(one), other) == pytest.approx(by_scipy)
