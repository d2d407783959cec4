"""Laws of skill."""

from __future__ import annotations

import numpy as np
import pytest

from sim.offline.metrics.actions.skill import measure_constant_skill, measure_hold_skill
from sim.offline.metrics.episode import PredictedEpisode


def made(labels, given):
    columns = ([[value, 0.0, 0.0] for value in each] for each in (labels, given))
    return PredictedEpisode(*map(np.array, columns), 10.0)


# hold's errors: (.3 + .3) / 2 and (.6 + 0) / 2, over three axes: .1 and .1; the median of all labels is .6
EPISODES = [made([0.3, 0.6], [0.3, 0.45]), made([0.6, 0.6], [0.6, 0.6])]


def test_skill_is_the_share_of_a_baselines_error_that_is_gone():
    # own MAE: .15 / 6 = .025, 0; hold: (.3 + .3) / 6 and (.6 + 0) / 6
    assert measure_hold_skill(EPISODES) == pytest.approx([1 - 0.025 / 0.1, 1.0])
    # the constant .6: .3 / 6 = .05 and 0, .025 on average
    assert measure_constant_skill(EPISODES) == pytest.approx([1 - 0.025 / 0.025, 1.0])


def test_the_baseline_itself_has_no_skill_on_average():
    held = [made([0.3, 0.6], [0.0, 0.3]), made([0.6, 0.6], [0.0, 0.6])]
    assert measure_hold_skill(held).mean() == pytest.approx(0.0)


def test_against_a_baseline_without_error_there_is_no_skill():
    assert np.isnan(measure_constant_skill([made([0.5, 0.5], [0.1, 0.2])])).all()
