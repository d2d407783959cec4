import numpy as np
import pytest

from sim.offline.error_statistics import MAE, compare_mae, summarise_errors, to_record


def test_figures_by_hand():
    found = to_record(summarise_errors([np.array([[0.2, 0.0], [-0.04, 0.05]]), np.array([[0.0, 0.3]])]))
    assert found["mae"] == pytest.approx(0.59 / 6)
    assert found["mae_axis"] == pytest.approx([0.24 / 3, 0.35 / 3])
    assert found["mse"] == pytest.approx((0.04 + 0.0016 + 0.0025 + 0.09) / 6)
    assert found["rmse"] == pytest.approx(np.sqrt(found["mse"]))


def test_a_frame_is_within_a_tolerance_if_its_every_axis_is():
    errors = np.array([[0.2, 0.0], [0.1, -0.1], [0.009, 0.3], [0.0, 0.0]], np.float32)
    rates = {name: accuracy["rate"] for name, accuracy in to_record(summarise_errors([errors]))["accuracy"].items()}
    assert rates == {"0.2": 0.75, "0.1": 0.5, "0.05": 0.25, "0.01": 0.25}


def test_the_interval_resamples_whole_episodes_and_repeats():
    errors = [np.full((10, 3), value) for value in (0.1, 0.2, 0.3, 0.4)]
    low, high = summarise_errors(errors).interval(MAE)
    assert 0.1 <= low < 0.25 < high <= 0.4
    assert (low, high) == summarise_errors(errors).interval(MAE)


def test_more_frames_of_the_same_episodes_make_nothing_surer():
    errors = [np.full((10, 3), value) for value in (0.1, 0.2, 0.3, 0.4)]
    longer = [np.repeat(episode, 50, axis=0) for episode in errors]
    assert summarise_errors(longer).interval(MAE) == pytest.approx(summarise_errors(errors).interval(MAE))


def test_a_difference_is_taken_over_the_same_episodes():
    hard_and_easy = [np.full((5, 3), value) for value in (0.1, 0.9, 0.2, 0.8)]
    worse = [errors + 0.05 for errors in hard_and_easy]
    found = compare_mae(summarise_errors(worse), summarise_errors(hard_and_easy))
    assert [found["difference"], found["low"], found["high"]] == pytest.approx([0.05] * 3)
