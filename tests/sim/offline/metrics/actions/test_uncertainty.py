"""Laws of the metrics of a policy's uncertainty."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.actions import uncertainty
from sim.offline.metrics.episode import PredictedEpisode

EPISODE = PredictedEpisode(np.zeros((2, 3)), np.array([[0.3, 0.0, 0.0], [0.6, 0.6, 0.6]]), 10.0)  # errors .1 and .6
VARIANCE = np.array([[0.3, 0.0, 0.0], [0.3, 0.3, 0.3]])  # means .1 and .3


def test_uncertain_frames_weigh_more_by_hand():
    assert uncertainty.measure_weighted_error(EPISODE, VARIANCE) == pytest.approx((0.1 * 0.1 + 0.3 * 0.6) / 0.4)
    assert uncertainty.measure_error_times_variance(EPISODE, VARIANCE) == pytest.approx((0.01 + 0.18) / 2)
    assert uncertainty.measure_variance(VARIANCE) == pytest.approx(0.2)


def test_without_any_spread_no_frame_weighs_anything():
    assert math.isnan(uncertainty.measure_weighted_error(EPISODE, np.zeros((2, 3))))


def test_frames_without_a_variance_are_left_out():
    assert uncertainty.measure_variance(np.array([[np.nan] * 3, [0.2] * 3])) == pytest.approx(0.2)
    assert math.isnan(uncertainty.measure_variance(np.full((2, 3), np.nan)))


def test_the_likelihood_is_scipys_and_agreement_is_not_taken_for_certainty():
    from scipy.stats import norm

    labels, mean = np.array([[0.1, -0.2]]), np.array([[0.3, -0.2]])
    by_scipy = -norm.logpdf(labels, mean, 0.5).mean()
    assert uncertainty.measure_nll(labels, mean, np.full((1, 2), 0.25)) == pytest.approx(by_scipy)
    by_scipy = -norm.logpdf(labels, mean, 0.01).mean()
    assert uncertainty.measure_nll(labels, mean, np.zeros((1, 2))) == pytest.approx(by_scipy)


def test_calibration_is_the_distance_from_nine_labels_in_ten_by_hand():
    labels = np.zeros((10, 1))
    mean = np.array([[0.0]] * 7 + [[1.0]] * 3)  # three of ten are two deviations away
    found = uncertainty.measure_calibration_error(labels, mean, np.full((10, 1), 0.25))
    assert found == pytest.approx(0.9 - 0.7)
