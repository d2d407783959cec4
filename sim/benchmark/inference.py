"""Benchmark of a policy's inference time, by batch size and number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import numpy as np

from envs.simulation.lockstep import robot_camera_shot
from policies.policy import ObservationBatch, Policy
from policies.registry import make_policy
from sim.benchmark.measurements import Measurement, measure_rates
from sim.benchmark.scenes import open_renderer, open_simulations

BATCH_SIZES = (1, 16)


def measure_policy(name: str, repeats: int) -> Iterator[Measurement]:
    """Measure a policy's inference time per action, by batch size and number of threads."""
    policy = make_policy(name)
    threads = _thread_counts()
    with open_simulations(max(BATCH_SIZES)) as made, open_renderer() as renderer:
        pixels = renderer.render_rgb([robot_camera_shot(simulation) for simulation in made])
        worlds = [simulation.world for simulation in made]
    for size in BATCH_SIZES:
        batch = ObservationBatch(pixels[:size], np.zeros((size, 6), np.float32), np.ones(size, bool))
        policy.reset(range(size), [world.instruction for world in worlds[:size]])
        for count, set_threads in threads.items():
            set_threads()
            found = measure_rates({name: partial(_act, policy, batch)}, repeats)[name]
            milliseconds = 1e3 * size / median(found)
            plural = "s" if count != 1 else ""
            yield Measurement("policy", f"{name}, batch {size}, {count} thread{plural}", milliseconds, "ms/action")


def _act(policy: Policy, batch: ObservationBatch) -> int:
    policy.act(batch)
    return len(batch.live)


def _thread_counts() -> dict[int, Callable[[], None]]:
    """Return the numbers of threads to measure, each with the function that sets it."""
    import torch

    most = len(os.sched_getaffinity(0))
    return {count: partial(torch.set_num_threads, count) for count in sorted({1, most})}
