"""Pictures of many robots' views at a time, beside empty pictures and the rate of reading them back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pybullet
import torch

from envs.camera import Renderer, Shot
from envs.simulation.lockstep import robot_camera_shot
from envs.simulation.simulation import Simulation
from sim.benchmark.gpu.limits import DeviceLimits, time_work
from sim.benchmark.gpu.sizes import GpuBenchmarkSizes
from sim.benchmark.measurements import Measurement
from sim.benchmark.scenes import open_simulations, place_at_random

WORLDS = 16  # worlds that all views are shared among
RGB_BYTES = 3  # of each pixel
_HOST = torch.device("cpu")  # a picture is there once it has been read back: nothing to wait for


def measure_views(renderer: Renderer, limits: DeviceLimits, sizes: GpuBenchmarkSizes) -> Iterator[Measurement]:
    """Measure the pictures a second of every size and number of views.

    A picture's ratio is its share of an empty picture's rate; the bytes' ratio is their share of the host's link.
    """
    empty = pybullet.connect(pybullet.DIRECT)
    try:
        with open_simulations(WORLDS) as made:
            views = _sample_views(made, max(sizes.views))
            for side in sizes.sides:
                for count in sizes.views:
                    shots = [_square(shot, shot.client, side) for shot in views[:count]]
                    nothing = [_square(shot, empty, side) for shot in views[:count]]
                    yield from _measure(renderer, (shots, nothing), limits, sizes.turn_s)
            for simulation in made:
                renderer.forget(simulation.client)
    finally:
        renderer.forget(empty)
        pybullet.disconnect(empty)


def _measure(
    renderer: Renderer, kinds: tuple[list[Shot], list[Shot]], limits: DeviceLimits, turn_s: float
) -> Iterator[Measurement]:
    shots, nothing = kinds
    side, count = shots[0].width, len(shots)
    out = np.empty((count, side, side, 3), np.uint8)
    taken, without = (
        count / time_work(lambda shown=shown: renderer.render_rgb(shown, out), _HOST, turn_s)  # type: ignore[misc]
        for shown in (shots, nothing)
    )
    what = f"{side}x{side}, {count} views"
    read = taken * side * side * RGB_BYTES
    yield Measurement("gpu", f"pictures, {what}", taken, "frames/s", taken / without)
    yield Measurement("gpu", f"read back, {what}", read / 1e9, "GB/s", read / limits.download_bytes)


def _sample_views(simulations: list[Simulation], count: int) -> list[Shot]:
    """Return ``count`` robots' views, each from another place, in turn through the worlds."""
    views = []
    for number in range(count):
        simulation = simulations[number % len(simulations)]
        place_at_random(simulation, number)
        views.append(robot_camera_shot(simulation))
    return views


def _square(shot: Shot, client: int, side: int) -> Shot:
    return Shot(client, shot.view, side, side, shot.light, shot.background)
