"""Benchmark of one policy's inference backends: PyTorch eager, compiled, and ONNX files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

import numpy as np

from envs.simulation.lockstep import robot_camera_shot
from policies.policy import InferenceRuntime, ObservationBatch, Policy
from policies.registry import make_policy
from sim.benchmark.measurements import Measurement, median_ratio
from sim.benchmark.scenes import open_renderer, open_simulations

EAGER = "torch eager"
ROUNDS_PER_REPEAT = 40  # turns of each backend
TIMED_CALLS = 4  # per turn, after one that isn't timed


def measure_inference_backends(name: str, repeats: int) -> Iterator[Measurement]:
    """Measure the inference time of each backend for one robot on one thread, and its speed relative to eager.

    Args:
        name: A policy that ``policies.export`` can write.
        repeats: Each is ``ROUNDS_PER_REPEAT`` turns.
    """
    import torch

    torch.set_num_threads(1)  # as ONNX Runtime does
    with tempfile.TemporaryDirectory() as folder:
        backends = _make_backends(name, Path(folder))
        with open_simulations(1) as scene, open_renderer() as renderer:
            pixels = renderer.render_rgb([robot_camera_shot(scene[0])])
            instruction = scene[0].world.instruction
        batch = ObservationBatch(pixels, np.zeros((1, 6), np.float32), np.ones(1, bool))
        for policy in backends.values():
            policy.reset([0], [instruction])
            policy.act(batch)
        found = measure_policy_rates(backends, batch, ROUNDS_PER_REPEAT * repeats)
    for backend, speeds in found.items():
        yield Measurement(
            "onnx", f"{name}, {backend}", 1e3 / median(speeds), "ms/action", median_ratio(speeds, found[EAGER])
        )


def _make_backends(name: str, folder: Path) -> dict[str, Policy]:
    from policies.export.onnx_file import export_policy
    from policies.export.quantization import PRECISIONS
    from policies.inference.compiled import find_cpp_compilers

    made = {EAGER: make_policy(name)}
    for kind in ("export", *(["compile"] if find_cpp_compilers() else [])):
        made[f"torch {kind}"] = make_policy(name, InferenceRuntime(compile=kind))
    for precision in PRECISIONS:
        file = folder / f"{precision}.onnx"
        export_policy(name, file, precision)
        made[f"onnx {precision}"] = make_policy(str(file))
    return made


def measure_policy_rates(policies: Mapping[str, Policy], batch: ObservationBatch, count: int) -> dict[str, list[float]]:
    """Measure the calls per second of each policy in turns, so that a busy moment affects all."""
    found: dict[str, list[float]] = {name: [] for name in policies}
    for _ in range(count):
        for name, policy in policies.items():
            policy.act(batch)  # until here the caches contain other policies' weights
            began = time.perf_counter()
            for _ in range(TIMED_CALLS):
                policy.act(batch)
            found[name].append(TIMED_CALLS / (time.perf_counter() - began))
    return found
