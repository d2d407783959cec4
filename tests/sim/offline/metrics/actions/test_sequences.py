"""Laws of the metrics of whole sequences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.actions import sequences
from sim.offline.metrics.episode import PredictedEpisode


def made(labels, given, fps=10.0):
    """Episodes that only turn."""
    columns = (np.array([[0.0, 0.0, wz] for wz in each]) for each in (labels, given))
    return PredictedEpisode(*columns, fps)


def test_a_late_turn_costs_nothing_within_the_band():
    late = made([0, 0.6, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0.6, 0, 0, 0, 0, 0])
    assert sequences.measure_warped_mae(late) == 0.0
    assert sequences.measure_warped_mae(made([0.6, *[0.0] * 9], [*[0.0] * 9, 0.6])) > 0.0


def test_the_cost_of_a_warping_is_the_mean_along_its_path_by_hand():
    # one frame of reach: (0, 0), then (1, 1) or (0, 1) first: costs 0 + .1 on the diagonal
    assert sequences.measure_warped_mae(made([0.0, 0.6], [0.0, 0.3], fps=2.0)) == pytest.approx(0.1 / 2)


def test_smoothness_compares_the_changes_of_both_by_hand():
    # changes of wz: .2 and .4 against 0 and .3, over three axes and three frames
    assert sequences.measure_smoothness_gap(made([0.1, 0.1, 0.4], [0.1, 0.3, -0.1])) == pytest.approx(0.3 / 3 / 3)


def test_only_changes_between_real_turns_are_flips():
    assert sequences.measure_flips(made([0] * 5, [0.5, -0.5, -0.01, 0.01, 0.5])) == 1 / 4
    assert math.isnan(sequences.measure_flips(made([0], [1])))


def test_first_and_last_errors_look_at_two_seconds_each():
    episode = made([0] * 6, [0.3, 0.6, 0, 0, 0, 0.9], fps=1.0)
    assert sequences.measure_first_error(episode) == pytest.approx((0.1 + 0.2) / 2)
    assert sequences.measure_last_error(episode) == pytest.approx(0.3 / 2)


def test_stops_have_precision_and_recall():
    episode = made([0.5, 0.0, 0.0, 0.5], [0.0, 0.0, 0.3, 0.5])
    assert sequences.measure_stop_precision(episode) == 1 / 2
    assert sequences.measure_stop_recall(episode) == 1 / 2
    assert math.isnan(sequences.measure_stop_recall(made([0.5], [0.0])))
    assert math.isnan(sequences.measure_stop_precision(made([0.0], [0.5])))
