"""Driving and filming of one block of episodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from envs.simulation.lockstep import Lockstep
from policies.policy import Policy
from scenarios.perturbations import Perturbation, sample_perturbed_world
from scenarios.world import World
from sim.metrics.score import score_episode
from sim.results.plan import UNPERTURBED, Block, Cell
from sim.results.row import EpisodeRow, VideoChoice, new_row, select_filmed, video_path
from sim.rollout.digest import DigestObserver
from sim.rollout.episode import Outcome
from sim.rollout.loop import rollout_episodes
from sim.rollout.trace import EpisodeTrace, TraceObserver


class DrivenEpisode(NamedTuple):
    """A finished episode, kept until its block is filmed."""

    world: World
    trace: EpisodeTrace
    row: EpisodeRow
    """Without its video."""


def drive_block(
    lockstep: Lockstep, policy: Policy, block: Block, on_row: Callable[[EpisodeRow], None], latency_s: float = 0.0
) -> list[DrivenEpisode]:
    """Drive one block and return its episodes in order.

    Args:
        lockstep: With ``BLOCK_EPISODES`` slots.
        policy: The policy that the block names.
        block: The episodes to drive.
        on_row: Called with each row as its episode ends, so that it survives if the policy hangs later.
        latency_s: The policy's latency; a perturbation adds to it.
    """
    scenario = block.scenario
    perturbation = Perturbation.parse(block.cell.perturbation)
    worlds = [sample_perturbed_world(scenario, e.suite_seed, e.number, perturbation) for e in block.episodes]
    traces, digests = TraceObserver(lockstep.simulations), DigestObserver()
    driven: dict[int, DrivenEpisode] = {}

    def finish(slot: int, outcome: Outcome) -> None:
        world, trace = worlds[slot], traces.traces[slot]
        row = make_row(block.cell, world, outcome, trace, digests.digests[slot])
        driven[slot] = DrivenEpisode(world, trace, row)
        on_row(row)

    rollout_episodes(lockstep, policy, block.episodes, worlds, (traces, digests), latency_s, finish)
    return [driven[slot] for slot in range(len(worlds))]


def make_row(cell: Cell, world: World, outcome: Outcome, trace: EpisodeTrace, digest: str) -> EpisodeRow:
    """Make the row of a finished episode that isn't filmed yet."""
    return new_row(
        cell, trace.episode, outcome, score_episode(trace, world, outcome), digest, world.phrase, world.instruction
    )


def film_block(lockstep: Lockstep, driven: Sequence[DrivenEpisode], out: Path, video: VideoChoice) -> list[int]:
    """Film selected episodes of a block and return their numbers.

    Args:
        lockstep: Simulations and renderer to draw with; their episodes are lost.
        driven: The block's episodes.
        out: The run folder.
        video: "none", "failures" or "all".
    """
    wanted = select_filmed([episode.row for episode in driven], video)
    if not wanted:
        return []
    from sim.drawing.film import write_film  # its encoder is slow to import

    for slot, (world, trace, row) in enumerate(driven):
        if row.episode in wanted:
            simulation, path = lockstep.simulations[slot], out / video_path(row)
            write_film(simulation, trace, world, row, path, title=_film_title(row), renderer=lockstep.renderer)
    return sorted(wanted)


def _film_title(row: EpisodeRow) -> str:
    perturbation = "" if row.perturbation == UNPERTURBED else f" · {row.perturbation}"
    return f"{row.policy} · {row.scenario}{perturbation} · episode {row.episode}"
