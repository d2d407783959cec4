"""Drives recorded demonstrations again: ``python -m sim.replay DATASET ...``; a recorded success must be one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from envs.simulation.command import Command
from envs.simulation.simulation import Simulation
from policies.dataset import SceneRef
from policies.dataset.episodes import EpisodeDataset, open_dataset
from scenarios.common import cli as command
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.robot import CONTROL_PERIOD_S
from sim.workers.threads import limit_threads

POSE_TOLERANCE_M = 1e-4  # recorded odometry is float32


@dataclass(frozen=True)
class ReplayResult:
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
    recorded_success: bool
    status: str
    drift_m: float

    @property
    def passed(self) -> bool:
        """It came out as recorded, on the recorded track."""
        return (self.status == "success") == self.recorded_success and self.drift_m <= POSE_TOLERANCE_M


def replay_dataset(dataset: EpisodeDataset) -> Iterator[ReplayResult]:
    """Execute every demonstration's actions in its rebuilt scene; physics only, nothing is drawn.

    Raises:
        InputError: If the data set doesn't say which scenes it was recorded in, or in unknown ones; or if its frames
            aren't whole control periods apart.
    """
    hold = round(1.0 / (dataset.fps * CONTROL_PERIOD_S))
    if hold < 1 or not math.isclose(hold * dataset.fps * CONTROL_PERIOD_S, 1.0, rel_tol=1e-6):
        raise InputError(
            f"{dataset.root} has {dataset.fps:g} frames a second: its actions must last whole control periods "
            f"of {CONTROL_PERIOD_S:g} s to be driven again"
        )
    simulation = Simulation()
    try:
        for number in range(len(dataset)):
            scene = dataset.info(number).scene
            if scene is None:
                raise InputError(f"{dataset.root} doesn't say in which scene episode {number} was driven")
            yield _replay_demonstration(simulation, dataset, number, scene, hold)
    finally:
        simulation.close()


def _replay_demonstration(
    simulation: Simulation, dataset: EpisodeDataset, number: int, scene: SceneRef, hold: int
) -> ReplayResult:
    demonstration = dataset.demonstration(number)
    world = get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)
    state = simulation.reset(world)
    drift_m = 0.0
    for action, agent_pos in zip(demonstration.executed, demonstration.agent_pos, strict=True):
        if state.status is not None:
            break
        drift_m = max(drift_m, float(np.hypot(*(state.pose - pose_from_odometry(world, agent_pos))[:2])))
        command = Command.hold(action)
        for _ in range(hold):
            state = simulation.step(command)
            if state.status is not None:
                break
    return ReplayResult(number, scene, bool(demonstration.success), state.status or "unfinished", drift_m)


def main(arguments: Sequence[str]) -> int:
    parser = command.Parser(prog="python -m sim.replay", description="Drive demonstrations again, and compare.")
    parser.add_argument("datasets", type=Path, nargs="+", metavar="DATASET", help="folder of a data set, any layout")
    parser.add_argument("--episodes", type=command.bounded_int(1), help="only the first so many of each")
    options = parser.parse_args(arguments)
    limit_threads()
    recordings = [open_dataset(folder) for folder in options.datasets]
    passed = [_report(recording, options.episodes) for recording in recordings]  # all of them, whatever the first says
    return command.DONE if all(passed) else command.GATE_FAILED


def _report(dataset: EpisodeDataset, most: int | None) -> bool:
    """Replay a data set, its first ``most`` demonstrations; print what went otherwise; True if nothing did."""
    results = []
    for result in islice(replay_dataset(dataset), most):
        results.append(result.passed)
        if not result.passed:
            was = "success" if result.recorded_success else "no success"
            print(f"episode {result.number}: was {was}, is {result.status}, {result.drift_m:.4f} m off its track")
    print(f"{dataset.root}: {sum(results)} of {len(results)} demonstrations came out as recorded")
    return all(results)


if __name__ == "__main__":
    command.run_cli(main)
