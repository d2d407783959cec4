from __future__ import annotations

from dataclasses import replace

import torch

from policies.inference.device import DTYPES
from sim.benchmark.gpu.limits import measure_limits, time_work
from sim.benchmark.gpu.sizes import ON_CPU

CPU = torch.device("cpu")


def test_the_first_two_calls_warm_up(monkeypatch):
    durations = iter([100.0, 100.0, 1.0, 3.0, 2.0])
    clock = [0.0]

    def work():
        clock[0] += next(durations)

    monkeypatch.setattr("sim.benchmark.gpu.limits.time.perf_counter", lambda: clock[0])
    assert time_work(work, CPU, turn_s=6.0) == 2.0


def test_every_limit_is_measured_and_told():
    limits = measure_limits(CPU, replace(ON_CPU, turn_s=0.0, products=16, copied_mib=1))
    assert set(limits.flops) == set(DTYPES)
    assert min(*limits.flops.values(), limits.memory_bytes, limits.upload_bytes, limits.download_bytes) > 0.0
    assert len(list(limits.measurements())) == len(DTYPES) + 3
