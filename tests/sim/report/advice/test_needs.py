"""Laws of the seven needs."""

from __future__ import annotations

import pytest
from advised import candidate

from sim.report.advice.needs import NEEDS

BY_NAME = {need.name: need for need in NEEDS}


def test_there_are_the_seven_needs_of_the_published_advice():
    assert len(BY_NAME) == len(NEEDS) == 7


@pytest.mark.parametrize(
    ("need", "kept", "left_out"),
    [
        (
            "mobile or edge device",
            candidate("a", 1, runtime="onnxruntime 1.22", size_mb=7.0),
            [
                candidate("a", 1, runtime="torch 2"),
                candidate("a", 1, runtime="onnxruntime 1.22", size_mb=60.0),
                candidate("a", 1, runtime="", size_mb=None),
            ],
        ),
        (
            "real-time control",
            candidate("a", 1, latency_s=0.1, period_s=0.1),
            [candidate("a", 1, latency_s=0.11, period_s=0.1), candidate("a", 1, latency_s=None)],
        ),
        (
            "extended training",
            candidate("simple-lstm", 1),
            [candidate("simple-lstm-3", 1), candidate("mine", 1)],
        ),
    ],
)
def test_a_need_keeps_policies_within_its_limits(need, kept, left_out):
    assert BY_NAME[need].keeps(kept)
    assert not any(BY_NAME[need].keeps(each) for each in left_out)


def test_needs_count_their_own_episodes():
    assert BY_NAME["precise control in tight places"].counts("doorway", "none")
    assert not BY_NAME["precise control in tight places"].counts("corridor", "none")
    assert BY_NAME["robustness in varied places"].counts("corridor", "lighting=2")
    assert not BY_NAME["robustness in varied places"].counts("corridor", "none")
    assert not BY_NAME["best accuracy"].counts("corridor", "lighting=2")
