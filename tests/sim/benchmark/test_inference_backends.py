"""Laws of the benchmark of one policy's inference backends."""

import numpy as np
import pytest

from policies.policy import ObservationBatch
from policies.scripted.baselines import ConstantPolicy
from sim.benchmark import inference_backends
from sim.benchmark.inference_backends import EAGER, TIMED_CALLS, measure_inference_backends, measure_policy_rates


class Noting(ConstantPolicy):
    """Notes each of its calls."""

    def __init__(self, name, calls):
        super().__init__(name, (0.0, 0.0, 0.0))
        self._calls = calls

    def act(self, batch):
        self._calls.append(self.spec.name)
        return super().act(batch)


def test_policies_take_turns_and_the_first_call_of_each_turn_is_not_timed():
    calls = []
    batch = ObservationBatch(None, np.zeros((1, 6), np.float32), np.ones(1, bool))
    rates = measure_policy_rates({name: Noting(name, calls) for name in "ab"}, batch, count=3)
    assert calls == (["a"] * (1 + TIMED_CALLS) + ["b"] * (1 + TIMED_CALLS)) * 3
    assert [len(turns) for turns in rates.values()] == [3, 3]


def test_every_backend_is_timed_on_a_robot_s_frame_relative_to_eager(monkeypatch):
    calls = []
    made = {EAGER: Noting("eager", calls), "onnx float32": Noting("onnx", calls)}
    monkeypatch.setattr(inference_backends, "_make_backends", lambda name, folder: made)
    monkeypatch.setattr(inference_backends, "ROUNDS_PER_REPEAT", 2)
    eager, onnx = measure_inference_backends("hybrid", repeats=2)
    assert (eager.name, onnx.name) == ("hybrid, torch eager", "hybrid, onnx float32")
    assert eager.ratio == pytest.approx(1.0)
    assert onnx.ratio > 0.0
    assert len(calls) == 2 * (1 + 2 * 2 * (1 + TIMED_CALLS))
