"""Time and memory against the number of episodes that one process drives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from envs.camera import CameraImage, Shot
from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from scenarios.lookup import get_scenario
from scenarios.robot import IMAGE_SIZE
from scenarios.world import World
from sim.benchmark.growth.points import Point, peak_memory_mb
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate.block import make_row
from sim.results.plan import BLOCK_EPISODES, Block, Cell
from sim.results.row import EpisodeRow
from sim.rollout.digest import DigestObserver
from sim.rollout.episode import Outcome
from sim.rollout.loop import rollout_episodes
from sim.rollout.trace import TraceObserver

POLICY = "straight"
TIME_LIMIT_S = 1.0  # episodes end early, so that thousands fit into minutes


class BlankRenderer:
    """A renderer that draws nothing: every picture is black."""

    name, device, reason = "blank", "none", ""

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        return [CameraImage(np.zeros((shot.height, shot.width, 3), np.uint8)) for shot in shots]

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        return np.zeros((len(shots), *IMAGE_SIZE, 3), np.uint8) if out is None else out

    def refresh(self, client: int) -> None:
        """Do nothing: no shapes are read."""

    def forget(self, client: int) -> None:
        """Do nothing: nothing is kept."""

    def close(self) -> None:
        """Do nothing: there is no device."""


def measure_episodes(sizes: Sequence[int]) -> list[Point]:
    """Drive as many short episodes as the last size, without pictures; return the cost at each size.

    All else is as in an evaluation: worlds, physics, expert's labels, traces, digests and rows.
    """
    lockstep, points = Lockstep(BLOCK_EPISODES, BlankRenderer()), []
    began, driven = time.process_time(), 0
    try:
        for size in sizes:
            while driven < size:
                driven += len(drive_short_block(lockstep, driven, min(BLOCK_EPISODES, size - driven)))
            points.append(Point(size, time.process_time() - began, peak_memory_mb()))
    finally:
        lockstep.close()
    return points


def drive_short_block(lockstep: Lockstep, first: int, count: int) -> list[EpisodeRow]:
    """Drive consecutive episodes, each for at most ``TIME_LIMIT_S``, and return their rows."""
    block = Block(Cell(POLICY, SCENARIO), SEED, first, count)
    worlds = [_shorten(get_scenario(SCENARIO).world(SEED, episode.number)) for episode in block.episodes]
    traces, digests, rows = TraceObserver(lockstep.simulations), DigestObserver(), list[EpisodeRow]()

    def finish(slot: int, outcome: Outcome) -> None:
        rows.append(make_row(block.cell, worlds[slot], outcome, traces.traces[slot], digests.digests[slot]))

    rollout_episodes(lockstep, make_policy(POLICY), block.episodes, worlds, (traces, digests), on_end=finish)
    return rows


def _shorten(world: World) -> World:
    return replace(world, task=replace(world.task, time_limit_s=TIME_LIMIT_S))
