"""Laws of the language gap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.scenes.language import SecondInstruction, measure_language_gap, measure_side_agreement


def turns(*wz):
    return np.array([[0.5, 0.0, each] for each in wz])


TOLD = SecondInstruction(
    labels=turns(0.0, 0.6, 0.6),
    predictions=turns(0.0, 0.3, 0.2),
    other_labels=turns(0.1, -0.6, -0.6),
    other_predictions=turns(0.4, 0.0, 0.5),
    turn=2,
)


def test_the_change_is_over_the_experts_on_frames_with_a_choice_by_hand():
    # the expert changes by 1.2 in the last two frames, by too little in the first
    assert measure_language_gap(TOLD) == pytest.approx((0.3 + 0.3) / (1.2 + 1.2))


def test_only_a_turn_to_the_new_side_agrees():
    assert measure_side_agreement(TOLD) == 1 / 2


def test_a_policy_that_does_not_listen_has_no_gap_and_the_expert_has_all():
    deaf = TOLD._replace(other_predictions=TOLD.predictions)
    assert (measure_language_gap(deaf), measure_side_agreement(deaf)) == (0.0, 0.0)
    expert = TOLD._replace(predictions=TOLD.labels, other_predictions=TOLD.other_labels)
    assert (measure_language_gap(expert), measure_side_agreement(expert)) == (1.0, 1.0)


def test_without_a_choice_there_is_nothing_to_measure():
    same = TOLD._replace(other_labels=TOLD.labels)
    for told in (None, same):
        assert math.isnan(measure_language_gap(told))
        assert math.isnan(measure_side_agreement(told))
