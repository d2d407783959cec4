"""Laws of a policy's thinking time."""

from __future__ import annotations

import argparse
import time

import numpy as np
import pytest

from policies.policy import ObservationBatch
from policies.scripted.baselines import make_zero_policy
from scenarios.common.errors import InputError
from sim.rollout.latency import TIMED_CALLS, WARM_UP_CALLS, measure_latency, parse_latency

BATCH = ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool))


class Sleepy:
    """Slow at first, as what is imported late; then each answer takes its time."""

    spec = make_zero_policy().spec

    def __init__(self, first_s: float, then_s: float) -> None:
        self.first_s, self.then_s = first_s, then_s
        self.resets: list[tuple[list[int], list[str]]] = []
        self.calls = 0

    def reset(self, slots, instructions) -> None:
        self.resets.append((list(slots), list(instructions)))

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.calls += 1
        time.sleep(self.first_s if self.calls <= WARM_UP_CALLS else self.then_s)
        return np.zeros((len(batch.live), 3))


def test_what_is_measured_is_the_time_of_an_answer_once_warm():
    policy = Sleepy(0.2, 0.004)
    assert 0.004 <= measure_latency(policy, BATCH, "go") < 0.1
    assert policy.resets == [([0], ["go"])]
    assert policy.calls == WARM_UP_CALLS + TIMED_CALLS


def test_a_policy_that_can_not_be_timed_says_why():
    class Broken(Sleepy):
        def act(self, batch: ObservationBatch) -> np.ndarray:
            raise RuntimeError("no weights")

    with pytest.raises(
        InputError, match=r"'zero' can't be timed, it raised RuntimeError: no weights \(test_latency.py:\d+\); give"
    ):
        measure_latency(Broken(0.0, 0.0), BATCH, "go")


def test_seconds_or_the_word():
    assert parse_latency("measured") == "measured"
    assert parse_latency("0.25") == 0.25


@pytest.mark.parametrize("text", ["-0.1", "nan", "inf", "11", "fast", ""])
def test_anything_else_is_refused_and_the_word_is_named(text):
    with pytest.raises(argparse.ArgumentTypeError, match="or 'measured'"):
        parse_latency(text)
