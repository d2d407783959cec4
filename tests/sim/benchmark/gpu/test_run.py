from __future__ import annotations

import pytest

from policies.policy import InferenceRuntime
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.benchmark.gpu import run
from sim.benchmark.gpu.limits import DeviceLimits
from sim.benchmark.gpu.run import measure_drive, measure_gpu_camera, measure_gpu_full, measure_gpu_policy

LIMITS = DeviceLimits({"fp32": 1e12, "bf16": 1e12, "fp16": 1e12}, 1e9, 1e9, 1e9)


@pytest.fixture
def no_time(monkeypatch):
    monkeypatch.setattr(run, "measure_limits", lambda device, sizes: LIMITS)
    monkeypatch.setattr(run, "measure_policy_calls", lambda make, work, batches, *_: iter([(make, batches)]))
    monkeypatch.setattr(run, "measure_drive", lambda policy, runtime, renderer, robots, least_s: runtime)


@pytest.mark.parametrize(
    "measure", [lambda: measure_gpu_policy("hybrid", "cuda:99", "gpu"), lambda: measure_gpu_full("cuda:99", "gpu")]
)
def test_a_gpu_that_is_not_there_is_bad_input(measure):
    with pytest.raises(InputError, match="--device cuda:99 is not available"):
        list(measure())


def test_a_renderer_that_is_not_there_is_bad_input(monkeypatch):
    monkeypatch.setattr("envs.camera.opengl.context.list_egl_devices", list)
    with pytest.raises(InputError, match="renderer 'gpu' is not available here"):
        list(measure_gpu_camera("cpu", "gpu"))


@pytest.mark.usefixtures("no_time")
def test_the_closed_loop_runs_in_half_precision_on_the_same_device():
    *_, runtime = measure_gpu_policy("hybrid", "cpu", "auto")
    assert runtime == InferenceRuntime(device="cpu", precision="bf16")


@pytest.mark.usefixtures("no_time")
def test_a_policy_without_a_network_has_nothing_to_measure():
    *_, (make, _), _ = measure_gpu_policy("hybrid", "cpu", "auto")
    assert make().spec.name == "hybrid"
    with pytest.raises(InputError, match="policy 'zero' has no torch network"):
        list(measure_gpu_policy("zero", "cpu", "auto"))


def test_a_block_is_driven_and_its_observations_counted():
    found = measure_drive(make_policy("mobile-vla"), InferenceRuntime(precision="bf16"), "auto", 2, least_s=1e-6)
    assert found.unit == "observations/s"
    assert found.value > 0.0
    assert 0.0 < found.ratio < 1.0
    assert "mobile-vla, 2 robots" in found.name


def test_a_policy_that_fails_has_no_rate(monkeypatch):
    def fail(batch):
        raise MemoryError("the GPU is full")

    policy = make_policy("mobile-vla")
    monkeypatch.setattr(policy, "act", fail)
    with pytest.raises(RuntimeError, match="the policy failed in closed loop: MemoryError: the GPU is full"):
        measure_drive(policy, InferenceRuntime(), "auto", 1, least_s=1.0)
