"""Laws of the rows of answers and further passes."""

from __future__ import annotations

import numpy as np
import pytest

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import EpisodeCalls, Evidence
from sim.offline.metrics.rows.pass_rows import PASS_METRICS

ROWS = {metric.name: metric for metric in PASS_METRICS}


def episode(error):
    return PredictedEpisode(np.zeros((2, 3)), np.full((2, 3), error), 10.0)


EVIDENCE = Evidence(
    0.2,
    2,
    episodes=(episode(0.1), episode(0.2)),
    calls=(EpisodeCalls(np.array([True, False]), np.array([0.1, 0.3]), np.zeros((2, 4, 3))),) * 2,
    ensemble=(np.stack([np.full((2, 3), value) for value in (0.1, 0.3)]),) * 2,
    blank=(episode(0.5), episode(0.1)),
    reworded=(episode(0.1), episode(0.4)),
)


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        ("validity", [0.5, 0.5]),
        ("on_time", [0.5, 0.5]),
        ("chunk_variance", [0.0, 0.0]),
        ("uwe", [0.1, 0.2]),
        ("error_times_variance", [0.1 * 0.02, 0.2 * 0.02]),
        ("variance", [0.02, 0.02]),
        ("nll", [0.5 * np.log(2 * np.pi * 0.02) + 0.5 * 0.04 / 0.02] * 2),
        ("calibration", [0.1, 0.1]),  # 0.2 is 1.4 deviations off: all labels are within
        ("vision_use", [0.4, -0.1]),
        ("words_use", [0.0, 0.2]),
    ],
)
def test_a_row_has_the_value_by_hand(name, by_hand):
    assert ROWS[name].measure(EVIDENCE) == pytest.approx(by_hand)


def test_every_row_is_tested():
    assert len(ROWS) == 10
