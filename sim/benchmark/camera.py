"""Benchmarks of the camera: the speed of both renderers, and how much their pictures agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

import numpy as np

from envs.camera import Renderer, Shot
from envs.simulation.lockstep import robot_camera_shot
from envs.simulation.simulation import Simulation
from scenarios.lookup import get_scenario
from sim.benchmark.measurements import Measurement, measure_rates, median_ratio
from sim.benchmark.scenes import SCENARIO, SEED, open_renderers, open_simulations, place_at_random

IMAGE_SIDES = (84, 224, 448)  # pixels, of square pictures
TILE_COUNTS = (1, 16)  # pictures drawn at a time
PIXEL_TOLERANCE = 16  # of 255: largest difference of a pixel's channels that counts as equal


def measure_camera(repeats: int) -> Iterator[Measurement]:
    """Measure the frames per second of both renderers."""
    with open_simulations(max(TILE_COUNTS)) as made, open_renderers() as (gl, tiny):
        for side in IMAGE_SIDES:
            for tiles in TILE_COUNTS:
                shots = [_square(robot_camera_shot(simulation), side) for simulation in made[:tiles]]
                found = measure_rates({"gl": _drawing(gl, shots), "tiny": _drawing(tiny, shots)}, repeats)
                what = f"{side}x{side}, {tiles} at a time"
                speedup = median_ratio(found["gl"], found["tiny"])
                yield Measurement("camera", f"gl, {what}", median(found["gl"]), "frames/s", speedup)
                yield Measurement("camera", f"tiny, {what}", median(found["tiny"]), "frames/s")


def measure_renderer_agreement(frames: int) -> Iterator[Measurement]:
    """Measure how much the pictures of both renderers agree, over one frame of each of ``frames`` worlds."""
    close, differences = [], []
    simulation = Simulation()
    try:
        with open_renderers() as (gl, tiny):
            for number in range(frames):
                simulation.reset(get_scenario(SCENARIO).world(SEED, number))
                place_at_random(simulation, number)
                pictures = []
                for renderer in (gl, tiny):
                    renderer.refresh(simulation.client)
                    pictures.append(renderer.render_rgb([robot_camera_shot(simulation)])[0].astype(np.int16))
                difference = np.abs(pictures[0] - pictures[1])
                close.append((difference.max(axis=2) <= PIXEL_TOLERANCE).mean())
                differences.append(difference.mean())
    finally:
        simulation.close()
    what = f"over {frames} frames"
    yield Measurement("agreement", f"pixels within {PIXEL_TOLERANCE}/255, {what}", 100.0 * float(np.mean(close)), "%")
    yield Measurement("agreement", f"worst of {frames} frames", 100.0 * float(np.min(close)), "%")
    yield Measurement("agreement", f"mean difference, {what}", float(np.mean(differences)), "of 255")


def _square(shot: Shot, side: int) -> Shot:
    return Shot(shot.client, shot.view, side, side, shot.light, shot.background)


def _drawing(renderer: Renderer, shots: Sequence[Shot]) -> Callable[[], int]:
    return lambda: len(renderer.render_rgb(shots))
