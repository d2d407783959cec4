"""Laws of the errors of single frames: each value is computed by hand."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from sim.offline.metrics.actions import errors
from sim.offline.metrics.episode import PredictedEpisode

LABELS = [[1.0, 0.0, 0.0], [0.0, 0.0, 0.5], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]
GIVEN = [[0.7, 0.0, 0.0], [0.0, 0.3, 0.2], [0.5, 0.0, 0.03], [0.0, 0.0, 0.6]]
# absolute errors: (.3, 0, 0), (0, .3, .3), (0, 0, .03), (0, 0, .6); their means: .1, .2, .01, .2
EPISODE = PredictedEpisode(np.array(LABELS), np.array(GIVEN), fps=2.0)


@pytest.mark.parametrize(
    ("measure", "by_hand"),
    [
        (errors.measure_mae, 1.53 / 12),
        (errors.measure_mse, (0.09 + 0.09 + 0.09 + 0.0009 + 0.36) / 12),
        (errors.measure_rmse, math.sqrt(0.6309 / 12)),
        (errors.measure_planar_mae, (0.3 / 4 + 0.3 / 4) / 2),
        (partial(errors.measure_axis_mae, axis="wz"), 0.93 / 4),
        (errors.measure_relative_misses, 3 / 4),  # .3 > .1, .42 > .05, .03 < .05, .6 > 0
        (errors.measure_misses, 3 / 4),
        (errors.measure_accuracy, 1 / 4),
        (errors.measure_speed_weighted_mae, (1.0 * 0.1 + 0.5 * 0.01) / 1.5),
        (errors.measure_tail, 0.2),
        (errors.measure_largest, 0.2),
        (errors.measure_cvar, 0.2),
        # windows of two frames: means (-.15, .15, -.15) and (0, 0, .315)
        (errors.measure_segment_error, (0.45 + 0.315) / 6),
        (errors.measure_turn_bias, abs(-0.3 + 0.03 + 0.6) / 4),
    ],
)
def test_a_value_is_that_by_hand(measure, by_hand):
    assert measure(EPISODE) == pytest.approx(by_hand)


def test_a_relative_tolerance_shrinks_with_the_label():
    near = PredictedEpisode(np.array([[1.0, 0.0, 0.0], [0.1, 0.0, 0.0]]), np.array([[0.95, 0, 0], [0.05, 0, 0]]), 10.0)
    assert errors.measure_relative_misses(near) == 0.5
    assert errors.measure_misses(near) == 0.0


def test_the_risk_at_a_tenth_counts_a_part_of_a_frame():
    given = np.zeros((15, 3))
    given[:2] = [[0.6, 0.6, 0.6], [0.3, 0.3, 0.3]]
    episode = PredictedEpisode(np.zeros((15, 3)), given, 10.0)
    assert errors.measure_cvar(episode) == pytest.approx((0.6 + 0.5 * 0.3) / 1.5)


def test_jitter_about_the_label_has_no_segment_error_and_no_bias():
    given = np.tile([[0.2, 0.2, 0.2], [-0.2, -0.2, -0.2]], (10, 1))
    episode = PredictedEpisode(np.zeros((20, 3)), given, 10.0)
    assert errors.measure_mae(episode) == pytest.approx(0.2)
    assert errors.measure_segment_error(episode) == pytest.approx(0.0)
    assert errors.measure_turn_bias(episode) == pytest.approx(0.0)


def test_errors_where_nobody_drives_ahead_have_no_weight():
    assert math.isnan(errors.measure_speed_weighted_mae(PredictedEpisode(np.zeros((3, 3)), np.ones((3, 3)), 10.0)))
