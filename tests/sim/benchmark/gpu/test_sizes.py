from __future__ import annotations

from policies.inference.runtime import COMPILERS
from sim.benchmark.gpu.sizes import ON_CPU, ON_GPU


def test_a_gpu_is_measured_at_every_size_that_the_page_names():
    assert ON_GPU.sides == (64, 128, 224, 448)
    assert ON_GPU.views == (16, 256, 1024)


def test_a_processor_is_measured_with_what_it_can_run():
    assert "graph" not in ON_CPU.forms
    assert {*ON_CPU.forms, *ON_GPU.forms} <= set(COMPILERS)
    assert max(ON_CPU.views) < max(ON_GPU.views)
