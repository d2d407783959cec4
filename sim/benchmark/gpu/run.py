"""The parts of the benchmark of a GPU: pictures, a policy, and a policy with full-size backbones."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import torch

from envs.camera import make_renderer
from envs.simulation.lockstep import Lockstep
from policies.inference.device import select_device
from policies.inference.network_policy import NetworkPolicy
from policies.policy import InferenceRuntime
from policies.registry import make_policy
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from sim.benchmark.gpu.limits import DeviceLimits, measure_limits
from sim.benchmark.gpu.networks import (
    PolicyMaker,
    count_work,
    load_full_size_maker,
    make_noise,
    measure_policy_calls,
)
from sim.benchmark.gpu.sizes import ON_CPU, ON_GPU, GpuBenchmarkSizes
from sim.benchmark.gpu.views import measure_views
from sim.benchmark.measurements import Measurement
from sim.benchmark.scenes import SCENARIO, SEED
from sim.rollout.episode import Episode, Outcome
from sim.rollout.loop import rollout_episodes

DRIVE_PRECISION = "bf16"


def measure_gpu_camera(device: str, renderer: str) -> Iterator[Measurement]:
    """Measure the pictures a second of many robots' views.

    Raises:
        InputError: The device or the renderer isn't there.
    """
    opened = make_renderer(renderer)
    try:
        sizes, limits = _prepare(device)
        yield from limits.measurements()
        yield from measure_views(opened, limits, sizes)
    finally:
        opened.close()


def measure_gpu_policy(name: str, device: str, renderer: str) -> Iterator[Measurement]:
    """Measure a policy's calls and its closed loop.

    Raises:
        InputError: The device or the renderer isn't there, or the policy has no torch network.
    """
    sizes, limits = _prepare(device)
    yield from limits.measurements()
    yield from _measure_policy(lambda: _make_network_policy(name), sizes.batches, device, renderer, limits)


def measure_gpu_full(device: str, renderer: str) -> Iterator[Measurement]:
    """Measure the calls and the closed loop of a hybrid on full-size backbones with fresh weights.

    Raises:
        InputError: The device or the renderer isn't there.
    """
    sizes, limits = _prepare(device)
    yield from limits.measurements()
    yield from _measure_policy(load_full_size_maker(), sizes.full_batches, device, renderer, limits)


def _prepare(device: str) -> tuple[GpuBenchmarkSizes, DeviceLimits]:
    """Return the sizes for a device, and its limits."""
    found = select_device(InferenceRuntime(device=device))
    torch.set_num_threads(1)
    return (sizes := _sizes(device)), measure_limits(found, sizes)


def _sizes(device: str) -> GpuBenchmarkSizes:
    return ON_CPU if device == "cpu" else ON_GPU


def _make_network_policy(name: str) -> NetworkPolicy:
    policy = make_policy(name)
    if not isinstance(policy, NetworkPolicy):
        raise InputError(f"policy '{name}' has no torch network to measure: choose one such as 'hybrid'")
    return policy


def _measure_policy(
    make: PolicyMaker, batches: Sequence[int], device: str, renderer: str, limits: DeviceLimits
) -> Iterator[Measurement]:
    sizes, work = _sizes(device), count_work(make())
    yield from measure_policy_calls(make, work, batches, device, limits, sizes)
    runtime = InferenceRuntime(compile=sizes.forms[-1], device=device, precision=DRIVE_PRECISION)
    least_s = work.least_seconds(make_noise(sizes.robots), DRIVE_PRECISION, limits)
    yield measure_drive(make(), runtime, renderer, sizes.robots, least_s)


def measure_drive(
    policy: NetworkPolicy, runtime: InferenceRuntime, renderer: str, robots: int, least_s: float
) -> Measurement:
    """Measure the observations a second of one block in closed loop; a block before it warms everything up.

    Args:
        policy: The policy.
        runtime: How its network runs.
        renderer: Name of the renderer.
        robots: Episodes that are driven at a time.
        least_s: Seconds that a call of the policy takes at its limit, for the ratio.
    """
    policy.apply_runtime(runtime)
    block = Lockstep(robots, renderer)
    try:
        _drive(block, policy, robots, first=0)
        began = time.perf_counter()
        outcomes = _drive(block, policy, robots, first=robots)
        passed = time.perf_counter() - began
        device = block.renderer.device
    finally:
        block.close()
    calls, steps = max(outcome.steps for outcome in outcomes), sum(outcome.steps for outcome in outcomes)
    what = f"closed loop, {policy.spec.name}, {robots} robots, {policy.spec.runtime}, pictures by {device}"
    return Measurement("gpu", what, steps / passed, "observations/s", calls * least_s / passed)


def _drive(block: Lockstep, policy: NetworkPolicy, robots: int, first: int) -> list[Outcome]:
    numbers = range(first, first + robots)
    worlds = [get_scenario(SCENARIO).world(SEED, number) for number in numbers]
    outcomes = rollout_episodes(block, policy, [Episode(SCENARIO, SEED, number) for number in numbers], worlds)
    if errors := [outcome.error for outcome in outcomes if outcome.error]:
        raise RuntimeError(f"the policy failed in closed loop: {errors[0]}")
    return outcomes
