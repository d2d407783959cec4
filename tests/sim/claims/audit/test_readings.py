"""Laws of what baselines score: the table of the published labels, and values by hand."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.claims.audit.frame_labels import ALL, FIRST, AxisValues, FrameLabels, published_labels
from sim.claims.audit.readings import HUBER, LOSSES, MAE, METRICS, MSE, RMSE, UNITS, Reading, list_baseline_figures

FIGURES = {(each.reading, each.predictor): each for each in list_baseline_figures(published_labels())}


@pytest.mark.parametrize(
    ("predictor", "metric", "axes", "unit", "value"),
    [
        ("mean", MAE, 2, "raw", 0.489),
        ("mean", MAE, 3, "raw", 0.326),
        ("mean", MAE, 2, "halved", 0.244),
        ("mean", MSE, 2, "raw", 0.422),
        ("mean", MSE, 2, "halved", 0.1055),
        ("median", MAE, 2, "raw", 0.400),
        ("median", MAE, 3, "raw", 0.267),
        ("median", MAE, 2, "halved", 0.200),
        ("median", MSE, 2, "raw", 0.460),
        ("zero", MAE, 2, "raw", 0.708),
        ("zero", MAE, 3, "raw", 0.472),
    ],
)
def test_baselines_score_what_is_known_of_the_published_labels(predictor, metric, axes, unit, value):
    figure = FIGURES[Reading(metric, unit, axes, ALL), predictor]
    assert figure.value == pytest.approx(value, abs=0.0005 if metric == MAE else 0.0006)


def test_there_is_a_figure_for_each_predictor_metric_unit_axes_and_choice_of_frames():
    assert len(FIGURES) == (3 * len(METRICS) + 1) * len(UNITS) * 2 * 3  # the best constant by Huber's loss


def test_figures_of_a_reading_follow_each_other():
    readings = [each.reading for each in list_baseline_figures(published_labels())]
    changes = sum(before != after for before, after in pairwise(readings))
    assert changes + 1 == len(set(readings))


def test_standing_still_scores_0_on_first_frames_in_every_reading():
    assert {each.value for (reading, _), each in FIGURES.items() if reading.frames == FIRST} == {0.0}


def hand_labels(changes=None):
    """Half of the frames at 0, half at 2, on the first axis; 0 on the others."""
    axis, rest = AxisValues(np.array([0.0, 2.0]), np.array([0.5, 0.5])), AxisValues(np.zeros(1), np.ones(1))
    return FrameLabels(ALL, {"vx": axis, "vy": rest, "wz": rest}, changes)


@pytest.mark.parametrize(
    ("metric", "zero", "mean"),
    [(MAE, 0.5, 0.5), (MSE, 1.0, 0.5), (RMSE, 1.0, np.sqrt(0.5)), (HUBER, 0.375, 0.25)],
)
def test_losses_are_means_over_frames_and_axes(metric, zero, mean):
    found = {(each.reading, each.predictor): each.value for each in list_baseline_figures([hand_labels()])}
    assert found[Reading(metric, "raw", 2, ALL), "zero"] == pytest.approx(zero)
    assert found[Reading(metric, "raw", 2, ALL), "mean"] == pytest.approx(mean)


def test_holding_the_last_action_is_scored_where_the_order_of_labels_is_known():
    changes = {**hand_labels().axes, "vx": AxisValues(np.array([0.0, 2.0]), np.array([0.75, 0.25]))}
    found = {(each.reading, each.predictor): each.value for each in list_baseline_figures([hand_labels(changes)])}
    assert found[Reading(MAE, "raw", 2, ALL), "hold"] == pytest.approx(0.25)
    assert found[Reading(MAE, "raw", 3, ALL), "hold"] == pytest.approx(0.5 / 3)
    assert not any(predictor == "hold" for _, predictor in FIGURES)


def test_axes_that_the_labels_lack_are_not_scored():
    labels = hand_labels()
    forward_and_turn = FrameLabels(ALL, {"vx": labels.axes["vx"], "wz": labels.axes["vx"]})
    found = {(each.reading, each.predictor): each.value for each in list_baseline_figures([forward_and_turn])}
    assert found[Reading(MAE, "raw", 2, ALL), "median"] == pytest.approx(1.0)  # vx alone; with zeros of vy it were 0.5
    assert found[Reading(MAE, "raw", 3, ALL), "median"] == pytest.approx(1.0)
    turn_alone = FrameLabels(ALL, {"wz": labels.axes["vx"]})
    assert {each.reading.axes for each in list_baseline_figures([turn_alone])} == {3}


@given(
    values=st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=12, unique=True),
    answer=st.floats(-3.0, 3.0),
    unit=st.sampled_from(sorted(UNITS)),
)
def test_no_constant_has_a_lower_loss_than_the_best_one(values, answer, unit):
    """By the MAE it is the median, by MSE and RMSE the mean, by Huber's loss its own."""
    count = len(values)
    axis = AxisValues(np.array(values), np.full(count, 1.0 / count))
    figures = list_baseline_figures([FrameLabels(ALL, {"vx": axis})])
    for metric in METRICS:
        best = min(each.value for each in figures if each.reading == Reading(metric, unit, 2, ALL))
        loss = float(LOSSES[metric]((axis.values - answer) / UNITS[unit]).mean())
        assert best <= (np.sqrt(loss) if metric == RMSE else loss) + 1e-9


def test_continuous_labels_of_a_large_data_set_take_little_memory():
    values = np.random.default_rng(0).normal(0.0, 1.0, 50_000)
    axis = AxisValues(values, np.full(len(values), 1.0 / len(values)))
    tracemalloc.start()
    figures = list_baseline_figures([FrameLabels(ALL, {"vx": axis})])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
    huber = {each.predictor: each.value for each in figures if each.reading == Reading(HUBER, "raw", 2, ALL)}
    assert huber[HUBER] == min(huber.values())


def test_a_figure_of_few_frames_is_known_less_well():
    figure = next(each for each in list_baseline_figures([hand_labels()]) if each.predictor == "zero")
    assert figure.tolerance(None) == 0.0
    assert figure.tolerance(25) == pytest.approx(1.96 * 0.5 / 5)  # deviations 1 and 0 on two axes
