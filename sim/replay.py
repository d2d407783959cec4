"""Drives recorded demonstrations again: ``python -m sim.replay DATASET``; a recorded success must be one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from envs.simulation import Simulation
from policies.dataset import Dataset, SceneRef
from scenarios.errors import InputError
from scenarios.registry import get_scenario
from sim import command
from sim.offline import pose_of
from sim.worker import SINGLE_THREADED

POSE_TOLERANCE_M = 1e-4  # recorded odometry is float32


@dataclass(frozen=True)
class Replayed:
    """One demonstration, driven again.

    Attributes:
        number: Which one of the data set.
        scene: The world it was driven in.
        recorded: Whether it was recorded as a success.
        status: How it ended now; 'unfinished' if the actions ran out first.
        drift_m: The largest distance from the recorded track.
    """

    number: int
    scene: SceneRef
    recorded: bool
    status: str
    drift_m: float

    @property
    def passed(self) -> bool:
        """It came out as recorded, on the recorded track."""
        return (self.status == "success") == self.recorded and self.drift_m <= POSE_TOLERANCE_M


def replay(dataset: Dataset) -> Iterator[Replayed]:
    """Execute every demonstration's actions in its rebuilt scene; physics only, nothing is drawn.

    Raises:
        InputError: If the data set doesn't say which scenes it was recorded in, or in unknown ones.
    """
    simulation = Simulation()
    try:
        for number in range(len(dataset)):
            scene = dataset.info(number).scene
            if scene is None:
                raise InputError(f"{dataset.root} doesn't say in which scene episode {number} was driven")
            yield _replayed(simulation, dataset, number, scene)
    finally:
        simulation.close()


def _replayed(simulation: Simulation, dataset: Dataset, number: int, scene: SceneRef) -> Replayed:
    demonstration = dataset.demonstration(number)
    world = get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)
    state = simulation.reset(world)
    drift_m = 0.0
    for action, agent_pos in zip(demonstration.executed, demonstration.agent_pos, strict=True):
        if state.status is not None:
            break
        drift_m = max(drift_m, float(np.hypot(*(state.pose - pose_of(world, agent_pos))[:2])))
        state = simulation.step(action)
    return Replayed(number, scene, bool(demonstration.success), state.status or "unfinished", drift_m)


def main(arguments: Sequence[str]) -> int:
    parser = command.Parser(prog="python -m sim.replay", description="Drive demonstrations again, and compare.")
    parser.add_argument("dataset", type=Path, help="folder of the data set")
    parser.add_argument("--episodes", type=command.whole_number(1), help="only the first so many")
    options = parser.parse_args(arguments)
    os.environ.update(SINGLE_THREADED)
    passed = total = 0
    for result in replay(Dataset(options.dataset)):
        total += 1
        passed += result.passed
        if not result.passed:
            was = "success" if result.recorded else "no success"
            print(f"episode {result.number}: was {was}, is {result.status}, {result.drift_m:.4f} m off its track")
        if total == options.episodes:
            break
    print(f"{passed} of {total} demonstrations came out as recorded")
    return command.DONE if passed == total else command.GATE_FAILED


if __name__ == "__main__":
    command.run(main)
