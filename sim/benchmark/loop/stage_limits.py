"""The least CPU time that this machine needs for what each stage of the closed loop does."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pybullet
from skimage.graph import MCP_Geometric

from envs.simulation.simulation import Simulation
from scenarios.navigation.clearance_grid import CELL_M, ClearanceGrid
from scenarios.robot import DRIVE_TICKS, IMAGE_SIZE
from scenarios.world import World
from sim.benchmark.loop.drive import DriveTimes
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES

FIELDS_PER_PLAN = 2  # a planner's cost fields: of comfort and of length
STATE_BYTES = 3 * 4 + 6 * 4 + 3 * 8  # an action, the measured motion and the pose
BOX_HALF_M = (0.1, 0.1, 0.1)


def time_cpu(function: Callable[[], object]) -> float:
    """Measure the CPU time of a call, s."""
    began = time.process_time()
    function()
    return time.process_time() - began


def time_bare_physics(times: DriveTimes, simulations: Sequence[Simulation]) -> float:
    """Measure as many bare ``stepSimulation`` as the drive did, of the same bodies with the robot at its start."""
    total_s = 0.0
    for simulation, episode in zip(simulations, times.driven, strict=False):
        simulation.reset(episode.world)
        total_s += time_cpu(partial(_step, simulation.client, episode.row.steps * DRIVE_TICKS))
    return total_s


def _step(client: int, ticks: int) -> None:
    for _ in range(ticks):
        pybullet.stepSimulation(physicsClientId=client)


def time_bare_bodies(worlds: Sequence[World], simulations: Sequence[Simulation]) -> float:
    """Measure a cleared client and as many plain boxes as each world has items. The simulations' worlds are lost."""
    return sum(
        time_cpu(partial(_build_boxes, simulation.client, len(world.items)))
        for simulation, world in zip(simulations, worlds, strict=False)
    )


def _build_boxes(client: int, count: int) -> None:
    pybullet.resetSimulation(physicsClientId=client)
    for number in range(count):
        collision = pybullet.createCollisionShape(pybullet.GEOM_BOX, halfExtents=BOX_HALF_M, physicsClientId=client)
        visual = pybullet.createVisualShape(pybullet.GEOM_BOX, halfExtents=BOX_HALF_M, physicsClientId=client)
        pybullet.createMultiBody(0.0, collision, visual, (number, 0.0, 0.0), physicsClientId=client)


def time_shortest_paths(worlds: Sequence[World]) -> float:
    """Measure the cost fields of one plan for each episode, on an empty map of the same size."""
    shapes = [ClearanceGrid.from_world(world).clearance_m.shape for world in worlds]
    return sum(time_cpu(partial(_fill_fields, shape)) for shape in shapes)


def _fill_fields(shape: tuple[int, ...]) -> None:
    for _ in range(FIELDS_PER_PLAN):
        MCP_Geometric(np.ones(shape), sampling=(CELL_M, CELL_M)).find_costs([(0, 0)])


def time_hashing(observations: int) -> float:
    """Measure the SHA-256 of the bytes of as many observations."""
    content = bytes(IMAGE_SIZE[0] * IMAGE_SIZE[1] * 3 + STATE_BYTES)
    digest = hashlib.sha256()

    def add() -> None:
        for _ in range(observations):
            digest.update(content)

    return time_cpu(add)


def time_copies(observations: int) -> float:
    """Measure copies of the frames of as many observations, in batches: each frame is read and written once."""
    frames = np.zeros((BLOCK_EPISODES, *IMAGE_SIZE, 3), np.uint8)
    out = np.empty_like(frames)

    def copy() -> None:
        for first in range(0, observations, BLOCK_EPISODES):
            count = min(BLOCK_EPISODES, observations - first)
            np.copyto(out[:count], frames[:count])

    return time_cpu(copy)


def time_rows(times: DriveTimes) -> float:
    """Measure the encoding of the finished rows as JSON."""
    rows = [to_json(episode.row) for episode in times.driven]
    return time_cpu(lambda: [json.dumps(row) for row in rows])
