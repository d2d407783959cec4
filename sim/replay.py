"""``python -m sim.replay``: drive recorded demonstrations again and compare the results."""

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
from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from scenarios.robot import CONTROL_PERIOD_S
from sim.workers.threads import limit_threads

POSE_TOLERANCE_M = 1e-4  # recorded odometry is float32


@dataclass(frozen=True)
class ReplayResult:
    """The result of a demonstration that was driven again."""

    number: int
    """The demonstration's number in the data set."""
    scene: SceneRef
    """The scene that it was recorded in."""
    recorded_success: bool
    """True if it was recorded as a success."""
    status: str
    """The status now; 'unfinished' if the actions ran out first."""
    drift_m: float
    """The largest distance from the recorded path."""

    @property
    def passed(self) -> bool:
        """True if success and path are as recorded."""
        return (self.status == "success") == self.recorded_success and self.drift_m <= POSE_TOLERANCE_M


def replay_dataset(dataset: EpisodeDataset) -> Iterator[ReplayResult]:
    """Execute the actions of every demonstration in its rebuilt scene, without a camera.

    Raises:
        InputError: The data set doesn't name its scenes, or they are unknown, or its frame period isn't a multiple
            of the control period.
    """
    hold = round(1.0 / (dataset.fps * CONTROL_PERIOD_S))
    if hold < 1 or not math.isclose(hold * dataset.fps * CONTROL_PERIOD_S, 1.0, rel_tol=1e-6):
        raise InputError(
            f"'{dataset.root}' has {dataset.fps:g} frames per second: replay needs a frame period that is a "
            f"whole multiple of the control period, {CONTROL_PERIOD_S:g} s"
        )
    simulation = Simulation()
    try:
        for number in range(len(dataset)):
            scene = dataset.info(number).scene
            if scene is None:
                raise InputError(f"'{dataset.root}' doesn't name the scene that episode {number} was recorded in")
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


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.replay",
        description="Drive recorded demonstrations again without a camera; success and path must be as recorded.",
    )
    add = parser.add_argument_group("what to replay").add_argument
    add("datasets", type=Path, nargs="+", metavar="DATASET", help="folder of a data set, in either layout")
    add(
        "--episodes",
        type=cli.bounded_int(1),
        metavar="N",
        help="only the first N demonstrations of each (default: all)",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (all as recorded), 1 (differences) or 2 (bad input, raised)."""
    options = make_parser().parse_args(arguments)
    limit_threads()
    datasets = [open_dataset(folder) for folder in options.datasets]
    passed = [_report(dataset, options.episodes) for dataset in datasets]  # all of them, even if one fails
    return cli.DONE if all(passed) else cli.GATE_FAILED


def _report(dataset: EpisodeDataset, limit: int | None) -> bool:
    """Replay the first ``limit`` demonstrations, print the differences, and return whether there are none."""
    passed = []
    for result in islice(replay_dataset(dataset), limit):
        passed.append(result.passed)
        if not result.passed:
            recorded = "success" if result.recorded_success else "failure"
            print(
                f"episode {result.number}: recorded as {recorded}, replayed as {result.status}, "
                f"{result.drift_m:.4f} m off the recorded path"
            )
    print(f"{dataset.root}: {sum(passed)} of {len(passed)} demonstrations replayed as recorded")
    return all(passed)


if __name__ == "__main__":
    cli.run_cli(main)
