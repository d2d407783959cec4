import json
import math

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration, published_labels

from sim.offline.baselines import BASELINES
from sim.offline.conventions import CONVENTIONS
from sim.offline.score import score_policy


def found(entry, axes, unit, frames):
    return next(
        one for one in entry["conventions"] if (one["axes"], one["unit"], one["frames"]) == (axes, unit, frames)
    )


def test_errors_of_a_constant_by_hand():
    # labels (1, 0, 0), (0, 0, 0.5); answer (0.5, 0, 0): |e| = 0.5, 0, 0, 0.5, 0, 0.5
    entry = score_policy(Scripted(constant(0.5, 0, 0)), FakeSet(demonstration([[1, 0, 0], [0, 0, 0.5]])))
    assert entry["mae"] == pytest.approx(0.25)
    assert entry["mae_axis"] == pytest.approx([0.5, 0.0, 0.25])
    assert entry["rmse"] == pytest.approx(math.sqrt(0.125))
    assert (entry["frames"], entry["episodes"], entry["error"]) == (2, 1, None)
    assert set(entry["floors"]) == set(BASELINES)


def test_units_scale_the_error_and_accuracy_is_taken_in_them():
    entry = score_policy(Scripted(constant(0.85, 0, 0)), FakeSet(demonstration([[1, 0, 0], [1, 0, 0]])))
    assert found(entry, "2d", "raw", "all")["mae"] == pytest.approx(0.15 * 1.15 / 2)
    assert found(entry, "3d", "halved", "all")["mae"] == pytest.approx(0.15 * 0.575 / 3, abs=1e-6)
    assert found(entry, "3d", "action", "all")["mae"] == pytest.approx(entry["mae"], abs=1e-6)
    assert found(entry, "3d", "raw", "all")["accuracy"]["0.1"]["rate"] == 0.0
    assert found(entry, "3d", "halved", "all")["accuracy"]["0.1"]["rate"] == 1.0


def test_frames_that_dont_count_are_still_fed():
    numbered = Scripted(lambda batch: np.tile(batch.pixels[:, 0, 0, :1] / 10, (1, 3)))
    entry = score_policy(numbered, FakeSet(demonstration(np.zeros((5, 3)))))
    assert len(numbered.batches) == 5
    assert found(entry, "3d", "raw", "first")["mae"] == 0.0
    assert found(entry, "3d", "raw", "middle")["mae"] == pytest.approx(0.2 * 1.15, abs=1e-6)


def test_a_policy_that_never_moves_is_perfect_on_published_first_frames_only():
    entry = score_policy(
        Scripted(constant(0, 0, 0), image_size=None),
        FakeSet(*[demonstration(labels, size=1) for labels in published_labels()]),
    )
    assert found(entry, "2d", "raw", "first")["mae"] == 0.0
    assert found(entry, "2d", "raw", "all")["mae"] == pytest.approx(0.708, abs=5e-4)
    assert found(entry, "2d", "raw", "random")["count"] == 15


def test_a_policy_is_set_against_the_best_constant_and_against_hold():
    labels = [[1, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 0.5, 0]]
    good = score_policy(Scripted(constant(1, 0.3, 0)), FakeSet(*[demonstration(labels)] * 3))
    assert good["versus"]["constant"]["difference"] == pytest.approx(0.0, abs=1e-6)
    assert good["versus"]["hold"]["difference"] == pytest.approx(0.25 / 3 - 1.5 / 12)
    bad = score_policy(Scripted(constant(0, 0, 0)), FakeSet(*[demonstration(labels)] * 3))
    assert bad["versus"]["constant"]["low"] > 0.0


def test_episodes_of_different_lengths_count_by_their_frames():
    entry = score_policy(
        Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 1, 1]] * 3), demonstration([[0.5, 0.5, 0.5]]))
    )
    assert entry["mae"] == pytest.approx(3.5 / 4)
    assert entry["low"] == pytest.approx(0.5)
    assert entry["high"] == pytest.approx(1.0)


def test_a_convention_without_a_frame_is_left_out():
    entry = score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 0, 0]]), demonstration([[0, 0, 0]])))
    assert {one["frames"] for one in entry["conventions"]} == {"all", "first"}


@pytest.mark.parametrize(
    "answer",
    [lambda batch: np.zeros((2, 3)), constant(math.nan, 0, 0), lambda batch: 1 / 0],
    ids=["shape", "nan", "raises"],
)
def test_a_policy_that_fails_has_an_error_and_no_number(answer):
    entry = score_policy(Scripted(answer), FakeSet(demonstration([[1, 0, 0], [1, 0, 0]])))
    assert entry["error"]
    assert entry["mae"] is None
    assert entry["floors"]["zero"] == pytest.approx(1 / 3)
    assert found(entry, "2d", "raw", "all")["mae"] is None
    assert len(entry["conventions"]) == len(CONVENTIONS)


def test_an_entry_is_json():
    entry = score_policy(Scripted(constant(0, 0, 0)), FakeSet(demonstration([[1, 0, 0], [0, 0, 0]])))
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry
