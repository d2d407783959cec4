"""Laws of the baselines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import published_labels

from sim.offline.baselines import fit_constant_baselines, most_frequent_action
from sim.offline.conventions import DEFAULT_CONVENTION
from sim.offline.score import score_conventions
from sim.results.summary.offline_score import Convention


def score_baselines(labels):
    """Convention -> the baselines' errors."""
    return {score.convention: score.baselines for score in score_conventions(labels, None)}


def test_baselines_by_hand():
    labels = [np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0]]), np.array([[1, 0, 0]])]
    found = {name: errors.mae for name, errors in score_baselines(labels)[DEFAULT_CONVENTION].items()}
    assert found["zero"] == pytest.approx(3 / 12)
    assert found["mean"] == pytest.approx((3 * 0.25 + 0.75) / 12)
    assert found["median"] == pytest.approx(1 / 12)
    assert found["majority"] == pytest.approx(1 / 12)
    assert found["hold"] == pytest.approx((1 + 0 + 1 + 1) / 12)  # every episode begins at rest


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1, max_size=5), min_size=1, max_size=4))
def test_no_constant_beats_the_median(episodes):
    labels = np.concatenate(episodes)
    found = {name: np.abs(labels - action).mean() for name, action in fit_constant_baselines(labels).items()}
    assert found["median"] <= min(found.values()) + 1e-9


def test_majority_is_a_whole_action_and_not_the_median_of_each_axis():
    labels = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1]], float)
    assert np.median(labels, axis=0).tolist() == [1, 1, 0]
    assert most_frequent_action(labels).tolist() == [1, 0, 0]


def test_rounding_errors_do_not_split_a_class_and_the_majority_is_an_unrounded_label():
    third = 1 / 3
    labels = np.array([[0.5, 0, 0], [third, -0.0, 0], [0.5, 0, 0], [third + 1e-7, 0, 0], [third, 0, 0]])
    assert most_frequent_action(labels).tolist() == [third, 0, 0]


def test_the_first_of_equally_frequent_actions_is_the_majority():
    assert most_frequent_action(np.array([[1.0, 0, 0], [-1.0, 0, 0]])).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("axes", "unit", "baseline", "figure", "value", "tolerance"),
    [
        ("2d", "raw", "mean", "mae", 0.489, 5e-4),
        ("3d", "raw", "mean", "mae", 0.326, 5e-4),
        ("2d", "halved", "mean", "mae", 0.244, 5e-4),
        ("2d", "raw", "mean", "mse", 0.422, 5e-4),
        ("2d", "halved", "mean", "mse", 0.1055, 5e-5),
        ("2d", "raw", "median", "mae", 0.400, 5e-4),
        ("3d", "raw", "median", "mae", 0.267, 5e-4),
        ("2d", "halved", "median", "mae", 0.200, 5e-4),
        ("2d", "raw", "median", "mse", 0.460, 5e-4),
        ("2d", "raw", "zero", "mae", 0.708, 5e-4),
        ("3d", "raw", "zero", "mae", 0.472, 5e-4),
    ],
)
def test_the_constants_of_the_published_labels(published, axes, unit, baseline, figure, value, tolerance):
    found = published[Convention(axes, unit, "all")][baseline]
    assert getattr(found, figure) == pytest.approx(value, abs=tolerance)


def test_on_published_first_frames_doing_nothing_is_perfect(published):
    found = published[Convention("2d", "raw", "first")]
    assert found["zero"].mae == found["median"].mae == 0.0
    assert found["zero"].accuracy_rate(0.01) == 1.0


@pytest.fixture(scope="module")
def published():
    return score_baselines(published_labels())
