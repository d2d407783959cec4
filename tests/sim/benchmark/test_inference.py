"""Laws of the benchmark of a policy's inference time."""

import os

import torch

from sim.benchmark import measurements
from sim.benchmark.inference import BATCH_SIZES, measure_policy


def test_every_batch_size_is_measured_with_one_thread_and_with_all(monkeypatch):
    monkeypatch.setattr(measurements, "MIN_TURN_S", 0.0)
    cores = len(os.sched_getaffinity(0))
    found = list(measure_policy("straight", repeats=1))
    assert [one.name for one in found] == [
        f"straight, batch {size}, {count} thread{'s' * (count > 1)}"
        for size in BATCH_SIZES
        for count in sorted({1, cores})
    ]
    assert all(one.unit == "ms/action" and 0.0 < one.value < 100.0 for one in found)
    assert torch.get_num_threads() == cores
