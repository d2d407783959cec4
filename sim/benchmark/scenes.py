"""Simulations and renderers that the benchmarks share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from envs.camera import Renderer, make_renderer
from envs.simulation.simulation import Simulation
from scenarios.common.seeding import make_generator
from scenarios.lookup import get_scenario

SEED = 5  # of the suite whose worlds are measured
SCENARIO = "corridor"


@contextmanager
def open_simulations(count: int) -> Iterator[list[Simulation]]:
    """Open simulations of the first ``count`` worlds, each with its robot at a random pose."""
    made = [Simulation() for _ in range(count)]
    try:
        for number, simulation in enumerate(made):
            simulation.reset(get_scenario(SCENARIO).world(SEED, number))
            place_at_random(simulation, number)
        yield made
    finally:
        for simulation in made:
            simulation.close()


def place_at_random(simulation: Simulation, number: int) -> None:
    """Put the robot at a random pose, seeded by ``number``, in the free part of the world before the targets."""
    rng, (x_min, y_min, x_max, y_max) = make_generator(number, "benchmark"), simulation.world.bounds_m
    x = x_min + 0.4 + rng.uniform(0.0, 0.6) * (x_max - x_min)
    y = rng.uniform(y_min + 0.4, y_max - 0.4)
    joints = np.array([x, y, rng.uniform(-0.6, 0.6), 0.0, 0.0, 0.0])
    simulation.restore_snapshot(np.concatenate([joints, simulation.snapshot()[6:]]))


@contextmanager
def open_renderer() -> Iterator[Renderer]:
    """Open the default renderer."""
    renderer = make_renderer()
    try:
        yield renderer
    finally:
        renderer.close()


@contextmanager
def open_renderers() -> Iterator[tuple[Renderer, Renderer]]:
    """Open both renderers, OpenGL first."""
    with ExitStack() as open_ones:
        pair = make_renderer("gl"), make_renderer("tiny")
        for renderer in pair:
            open_ones.callback(renderer.close)
        yield pair
