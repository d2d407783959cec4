"""Laws of the errors of quantised actions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.actions.classes import measure_class_error, measure_macro_f1, measure_turn_error
from sim.offline.metrics.episode import PredictedEpisode


def made(labels, given):
    """Episodes of (vx, wz)."""
    return PredictedEpisode(*(np.array([[vx, 0.0, wz] for vx, wz in each]) for each in (labels, given)), 10.0)


# classes: fast left, fast ahead, slow right, fast ahead; given: fast left, fast left, slow right, not ahead
EPISODE = made([(0.9, 0.5), (0.9, 0.0), (0.3, -0.2), (0.6, 0.05)], [(0.6, 0.2), (0.9, 0.2), (0.2, -0.9), (0.0, 0.0)])


def test_only_another_class_is_an_error():
    assert measure_class_error(EPISODE) == 2 / 4


def test_every_class_counts_alike():
    # F1 of fast left: 2 / (1 + 2), fast ahead: 0, slow right: 1, not ahead: 0
    assert measure_macro_f1(EPISODE) == pytest.approx((2 / 3 + 0 + 1 + 0) / 4)


def test_a_turn_in_the_other_direction_or_none_is_an_error():
    turns = made([(1, 0.5), (1, -0.5), (1, 0.2), (1, 0.05)], [(1, 0.01), (1, 0.4), (1, 0.0), (1, -1.0)])
    assert measure_turn_error(turns) == pytest.approx(2 / 3)
    assert math.isnan(measure_turn_error(made([(1, 0.05)], [(1, -1.0)])))
