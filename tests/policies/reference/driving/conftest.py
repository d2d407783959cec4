"""Episodes that are driven from true sightings, without a camera."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from envs.simulation.command import Command
from envs.simulation.simulation import Simulation
from policies.reference.driving.driver import Driver
from policies.reference.vocabulary import read_instruction
from scenarios.registry import SCENARIOS

SUITE_SEED = 2302  # of validation


class Drive(NamedTuple):
    """A driven episode."""

    status: str
    driver: Driver
    doings: list[str]
    actions: np.ndarray


@pytest.fixture
def drive(see_truly) -> Callable[[str, int], Drive]:
    """Drive an episode of a family to its end."""

    def run(family: str, episode: int, steps: int = 10_000) -> Drive:
        world, simulation = SCENARIOS[family].world(SUITE_SEED, episode), Simulation()
        state, driver = simulation.reset(world), Driver(read_instruction(world.instruction))
        doings, actions = [], []
        limit = min(steps, int(world.task.time_limit_s * 10) + 1)
        while state.status is None and len(actions) < limit:
            sighting = see_truly(world, state.pose, state.progress, len(actions))
            actions.append(driver.step(state.agent_pos[3:].astype(float), sighting))
            doings.append(driver.doing)
            state = simulation.step(Command.hold(actions[-1]))
        simulation.close()
        return Drive(state.status or "running", driver, doings, np.array(actions))

    return run
