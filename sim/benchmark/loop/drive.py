"""Drives a block of episodes as an evaluation does, and times its stages."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

from envs.simulation.lockstep import Lockstep
from envs.simulation.simulation import Simulation
from policies.policy import Policy
from scenarios.scenario import Scenario
from sim.benchmark.loop.stopwatch import Stopwatch
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate import block as evaluation
from sim.evaluate.block import DrivenEpisode, drive_block
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES, Block, Cell
from sim.results.row import EpisodeRow
from sim.rollout.digest import DigestObserver
from sim.rollout.trace import TraceObserver

SET_UP = "episode set-up"
PHYSICS = "physics, contacts and task"
PICTURE = "picture"
PREPROCESSING = "preprocessing"
INFERENCE = "inference"
TRACE = "trace and expert labels"
DIGEST = "digest"
ROW = "metrics and row"
REST = "loop"


@dataclass(frozen=True)
class DriveTimes:
    """What a block of episodes took.

    Attributes:
        seconds: CPU time of each stage; the stages add up to the whole.
        wall_s: Duration.
        driven: The episodes.
    """

    seconds: dict[str, float]
    wall_s: float
    driven: list[DrivenEpisode]

    @property
    def observations(self) -> int:
        """Number of control steps, each with one observation."""
        return sum(episode.row.steps for episode in self.driven)

    @property
    def total_s(self) -> float:
        """CPU time of all stages."""
        return sum(self.seconds.values())


def make_block(policy: str, number: int) -> Block:
    """Make the ``number``-th block of a policy's episodes in the benchmarks' scenario."""
    return Block(Cell(policy, SCENARIO), SEED, BLOCK_EPISODES * number, BLOCK_EPISODES)


def time_drive(lockstep: Lockstep, policy: Policy, block: Block) -> DriveTimes:
    """Drive a block with all observers, and measure the CPU time of each stage.

    What no stage accounts for counts as the loop's own, other threads of this process included.
    """
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # as in a worker

    with Stopwatch() as clock:
        clock.watch(SET_UP, Scenario, "world")
        clock.watch(SET_UP, Lockstep, "reset")
        clock.watch(PHYSICS, Simulation, "step")
        clock.watch(PICTURE, Lockstep, "step")
        clock.watch(INFERENCE, policy, "reset", "act")
        if (preprocessing := sys.modules.get("policies.backbones.preprocessing")) is not None:
            clock.watch_functions(PREPROCESSING, preprocessing, "policies")
        clock.watch_public(TRACE, TraceObserver)
        clock.watch_public(DIGEST, DigestObserver)
        clock.watch(ROW, evaluation, "make_row")
        began, began_cpu = time.perf_counter(), time.process_time()
        driven = drive_block(lockstep, policy, block, clock.timed(ROW, _send))
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    seconds = dict(clock.seconds)
    return DriveTimes({**seconds, REST: cpu_s - sum(seconds.values())}, wall_s, driven)


def _send(row: EpisodeRow) -> None:
    """Do what a worker does to send a row to the parent process, but for the pipe."""
    json.dumps(to_json(row), allow_nan=False)
