"""Benchmarks of the environment: steps per second by renderer and by scenario family."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

import gymnasium as gym
import numpy as np
from gymnasium.vector import VectorEnv

from envs.registration import env_id, register_all
from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep
from scenarios.lookup import get_scenario
from scenarios.registry import SCENARIOS
from scenarios.robot import IMAGE_SIZE
from sim.benchmark.measurements import Measurement, measure_rates, median_ratio
from sim.benchmark.scenes import SCENARIO, SEED

SLOT_COUNTS = (1, 16)  # environments side by side
VECTOR_SLOTS = FAMILY_SLOTS = 16


def measure_environment(repeats: int) -> Iterator[Measurement]:
    """Measure the environment steps per second of both renderers, physics included, in this process."""
    for slots in SLOT_COUNTS:
        with ExitStack() as open_ones:
            blocks = {name: Lockstep(slots, name) for name in ("gl", "tiny")}
            for block in blocks.values():
                open_ones.callback(block.close)
            found = measure_rates({name: _stepping(block, slots) for name, block in blocks.items()}, repeats)
        what = f"{IMAGE_SIZE[1]}x{IMAGE_SIZE[0]}, {slots} side by side"
        speedup = median_ratio(found["gl"], found["tiny"])
        yield Measurement("environment", f"gl, {what}", median(found["gl"]), "steps/s", speedup)
        yield Measurement("environment", f"tiny, {what}", median(found["tiny"]), "steps/s")


def measure_vector_environments(repeats: int) -> Iterator[Measurement]:
    """Measure Gymnasium's two ways to several robots in one process, by CPU time: tiled, and one after the other."""
    register_all()
    with ExitStack() as open_ones:
        rivals = {}
        for name, mode in (("tiled", "vector_entry_point"), ("sync", "sync")):
            robots = gym.make_vec(env_id(SCENARIO), num_envs=VECTOR_SLOTS, vectorization_mode=mode)
            open_ones.callback(robots.close)
            rivals[name] = _stepping_robots(robots)
        found = measure_rates(rivals, repeats, time.process_time)
    what = f"{VECTOR_SLOTS} robots, {IMAGE_SIZE[1]}x{IMAGE_SIZE[0]}, in one process"
    speedup = median_ratio(found["tiled"], found["sync"])
    yield Measurement("vector", f"tiled, {what}", median(found["tiled"]), "steps/CPU s", speedup)
    yield Measurement("vector", f"SyncVectorEnv, {what}", median(found["sync"]), "steps/CPU s")


def _stepping_robots(robots: VectorEnv) -> Callable[[], int]:
    """Return a function that does one step and returns the robots, which sway on the spot."""
    robots.reset(seed=SEED)
    turn = [1.0]

    def step() -> int:
        turn[0] = -turn[0]
        robots.step(np.tile(np.array([0.0, 0.3 * turn[0], 0.5 * turn[0]], np.float32), (robots.num_envs, 1)))
        return robots.num_envs

    return step


def measure_families(repeats: int) -> Iterator[Measurement]:
    """Measure the environment steps per second of every scenario family, relative to the corridor."""
    with ExitStack() as open_ones:
        blocks = {name: Lockstep(FAMILY_SLOTS, "auto") for name in SCENARIOS}
        for block in blocks.values():
            open_ones.callback(block.close)
        found = measure_rates({name: _stepping(block, FAMILY_SLOTS, name) for name, block in blocks.items()}, repeats)
    for name, steps in found.items():
        yield Measurement("families", name, median(steps), "steps/s", median_ratio(steps, found[SCENARIO]))


def _stepping(block: Lockstep, slots: int, scenario: str = SCENARIO) -> Callable[[], int]:
    """Return a function that does one step and returns the slots. Robots sway on the spot, so none hits anything."""
    block.reset([get_scenario(scenario).world(SEED, number) for number in range(slots)])
    live, turn = np.ones(slots, bool), [1.0]

    def step() -> int:
        turn[0] = -turn[0]
        block.step(Command.hold(np.tile([0.0, 0.3 * turn[0], 0.5 * turn[0]], (slots, 1))), live)
        return slots

    return step
