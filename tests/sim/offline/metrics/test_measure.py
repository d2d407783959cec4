"""Laws of the scores by offline metrics."""

from __future__ import annotations

import numpy as np
import pytest
from answering import Answering, constant
from driven_scenes import make_set
from recorded import FakeSet, demonstration

from scenarios.common.errors import InputError
from sim.offline.metrics.measure import measure_policy
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.registry import OFFLINE_METRICS, select_metrics
from sim.statistics.bootstrap import ratio_interval

SPEEDS = (0.5, 0.6, 0.9, 0.2)
TEXTS = ("left", "right", "left", "right")
RECORDING = FakeSet(
    *(
        demonstration([[speed, 0, 0.3]] * (2 + number), size=32, instruction=text)
        for number, (speed, text) in enumerate(zip(SPEEDS, TEXTS, strict=True))
    )
)


def by_name(scores):
    return {score.metric: score for score in scores}


def test_a_score_is_the_mean_over_episodes_whatever_their_lengths_with_the_bootstraps_interval():
    (score,) = measure_policy(constant(0.0, 0.0, 0.3), RECORDING, select_metrics(["mae"]))
    values = np.array(SPEEDS) / 3
    assert score.value == pytest.approx(values.mean(), abs=1e-6)
    assert score.episodes == pytest.approx(values, abs=1e-6)
    assert (score.low, score.high) == pytest.approx(ratio_interval(values, np.ones(4)), abs=1e-6)


def test_every_metric_has_a_value_or_a_reason():
    scores = by_name(measure_policy(constant(0.1, 0.0, 0.2), RECORDING))
    assert list(scores) == [metric.name for metric in OFFLINE_METRICS]
    for score in scores.values():
        assert (score.value is None) == (score.unavailable is not None)
        assert len(score.episodes) == (0 if score.value is None else 4)
    assert "--retrains" in scores["uwe"].unavailable
    assert "don't overlap" in scores["chunk_variance"].unavailable
    assert scores["stop_recall"].unavailable == "the demonstrator never stands still"


def test_an_axis_that_is_not_recorded_is_a_reason():
    flat = FakeSet(demonstration([[0.5, 0, 0.3]] * 3, size=32), axes=("vx", "wz"))
    scores = by_name(measure_policy(constant(0.1, 0.0, 0.2), flat, select_metrics(["mae*"])))
    assert scores["mae_vy"].unavailable == scores["mae_2d"].unavailable == "the data set has no vy"
    assert scores["mae_wz"].value == pytest.approx(0.1)


def test_a_policy_that_fails_has_its_error_as_the_reason_everywhere():
    for score in measure_policy(Answering(lambda *_: 1 / 0), RECORDING, select_metrics(["mae", "words_use"])):
        assert "division by zero" in score.unavailable


def test_episodes_without_a_value_are_left_out_and_few_have_no_interval():
    half = OfflineMetric(
        name="half", label="of every second one", measure=lambda evidence: np.array([1.0, np.nan, 3.0, np.nan])
    )
    (score,) = measure_policy(constant(0, 0, 0), RECORDING, [half])
    assert (score.value, score.low, score.high, score.episodes) == (2.0, None, None, (1.0, None, 3.0, None))


def test_a_share_stays_within_its_bounds_and_says_how_many_frames_count():
    (score,) = measure_policy(constant(0.0, 0.0, -0.1), RECORDING, select_metrics(["turn_error"]))
    assert (score.value, score.high, score.kept) == (1.0, 1.0, 1.0)


def test_the_cost_is_that_of_the_evidence_it_is_computed_from():
    scores = by_name(measure_policy(constant(0, 0, 0), RECORDING, select_metrics(["mae", "words_use"])))
    assert (scores["mae"].cost.frames, scores["words_use"].cost.frames) == (14, 28)


def test_uncertainty_comes_from_retrains_by_hand():
    names = select_metrics(["uwe", "variance", "nll", "error_times_variance"])
    scores = by_name(measure_policy(constant(0.2, 0, 0.3), RECORDING, names, [constant(0.4, 0, 0.3)]))
    assert scores["variance"].value == pytest.approx(0.02 / 3, abs=1e-6)
    errors = np.abs(np.array(SPEEDS) - 0.2) / 3
    assert scores["uwe"].value == pytest.approx(errors.mean(), abs=1e-6)  # the variance is the same everywhere
    assert scores["error_times_variance"].value == pytest.approx((0.02 / 3) * errors.mean(), abs=1e-6)


def test_use_of_words_is_the_error_that_other_words_add_by_hand():
    code = {"left": 0.5, "right": 0.6}
    listening = Answering(lambda batch, texts: [[code[text], 0, 0.3] for text in texts])
    scores = by_name(measure_policy(listening, RECORDING, select_metrics(["words_use", "vision_use"])))
    # speeds .5 .6 .9 .2: own errors 0, 0, .4, .4; with the other word .1, .1, .3, .3
    assert scores["words_use"].value == pytest.approx((0.1 + 0.1 - 0.1 - 0.1) / 4 / 3, abs=1e-6)
    assert scores["words_use"].episodes == pytest.approx([0.1 / 3, 0.1 / 3, -0.1 / 3, -0.1 / 3], abs=1e-6)
    assert scores["vision_use"].value == 0.0


def test_where_scenes_are_known_every_metric_of_scenes_has_a_value():
    recording = make_set("lookalikes", frames=25, numbers=(0, 1, 2), size=24)
    names = ["ci_mse", "language_gap", "open_loop_score", "offset_error", "led_error", "pseudo_simulation"]
    names += ["state_divergence", "on_policy_first", "side_agreement"]
    policy = Answering(lambda batch, _: np.tile([0.4, 0.0, 0.1], (len(batch.live), 1)), image_size=(24, 24))
    scores = by_name(measure_policy(policy, recording, select_metrics(names)))
    assert {name: score.unavailable for name, score in scores.items()} == dict.fromkeys(scores)
    assert len(scores) == len(names)
    assert scores["language_gap"].value == 0.0
    assert 0.0 < scores["ci_mse"].kept <= 1.0
    assert scores["offset_error"].cost.renders == 3 * 8
    assert scores["open_loop_score"].cost.renders == 0
    assert scores["state_divergence"].cost.steps == scores["on_policy_first"].cost.steps <= 150
    assert scores["open_loop_score"].high <= 1.0


def test_a_data_set_from_elsewhere_lacks_the_scenes_and_says_so():
    foreign = FakeSet(demonstration([[0.5, 0, 0.3]] * 3, size=32, scene=None))
    for score in measure_policy(constant(0, 0, 0), foreign, select_metrics(["ci_mse", "on_policy*", "pseudo*"])):
        assert score.unavailable == "the data set doesn't name the scenes that it was recorded in"


def test_a_metric_that_fails_is_named_with_its_line():
    broken = OfflineMetric(name="odd", label="fails", measure=lambda evidence: 1 / 0)
    with pytest.raises(InputError, match=r"offline metric 'odd' failed: ZeroDivisionError: .*test_measure.py, line"):
        measure_policy(constant(0, 0, 0), RECORDING, [broken])
