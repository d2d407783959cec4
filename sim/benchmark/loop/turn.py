"""One turn of the ledger: a block of episodes, a film of the first, and what the same work needs at least."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from envs.simulation.lockstep import Lockstep, robot_camera_shot
from policies.policy import ObservationBatch, Policy
from sim.benchmark.loop import drive, stage_limits
from sim.benchmark.loop.bare_pictures import BarePictures
from sim.benchmark.loop.drive import DriveTimes, time_drive
from sim.benchmark.loop.film import FilmTimes, time_film
from sim.benchmark.loop.stage_limits import time_cpu
from sim.results.plan import Block

CALLS = 5  # of what is timed by itself
STAGES = (
    drive.SET_UP,
    drive.PHYSICS,
    drive.PICTURE,
    drive.PREPROCESSING,
    drive.INFERENCE,
    drive.TRACE,
    drive.DIGEST,
    drive.ROW,
    drive.REST,
)
PER_OBSERVATION, PER_PICTURE, PER_FRAME, PER_CALL = "ms/observation", "ms/picture", "ms/frame", "ms/call"


@dataclass(frozen=True)
class Entry:
    """A line of the ledger in one turn: CPU seconds, and the least that the same work needs, if known."""

    seconds: float
    limit_s: float | None = None


Turn = dict[tuple[str, str], Entry]
"""The entries of a turn, by what they measure and their unit."""


class TurnTimer:
    """Measures turns.

    Args:
        lockstep: With the slots of an evaluation; it has driven before.
        policy: Drives.
        bare: Bare targets of as many pictures.
        folder: For films.
    """

    def __init__(self, lockstep: Lockstep, policy: Policy, bare: BarePictures, folder: Path) -> None:
        self._lockstep, self._policy, self._bare, self._folder = lockstep, policy, bare, folder
        slots = len(lockstep.simulations)
        pixels = lockstep.renderer.render_rgb([robot_camera_shot(simulation) for simulation in lockstep.simulations])
        self._batch = ObservationBatch(pixels, np.zeros((slots, 6), np.float32), np.ones(slots, bool))
        instructions = [world.instruction for world in lockstep.worlds]
        self._products = prepare_products(lambda: policy.act(self._batch))
        self._reset_products = prepare_products(lambda: policy.reset(range(slots), instructions))
        bare.take_empty()
        bare.take_triangle()

    def measure(self, block: Block) -> Turn:
        """Measure a turn on a block of episodes."""
        times = time_drive(self._lockstep, self._policy, block)
        film = time_film(self._lockstep, times.driven[0], self._folder)
        limits, count = self._limit_stages(times), times.observations
        stages = {
            (stage, PER_OBSERVATION): Entry(times.seconds[stage] / count, _divide(limits.get(stage), count))
            for stage in STAGES
            if stage in times.seconds
        }
        return {**stages, **_sum_up(stages.values(), times, film), **self._measure_alone(times)}

    def _limit_stages(self, times: DriveTimes) -> dict[str, float]:
        """Measure the least that the stages of a drive need, s."""
        worlds = [episode.world for episode in times.driven]
        simulations, count = self._lockstep.simulations, times.observations
        limits = {drive.PHYSICS: stage_limits.time_bare_physics(times, simulations)}
        picture_s = _mean_s(self._bare.take_triangle) / len(simulations)
        limits[drive.PICTURE] = picture_s * count
        limits[drive.PREPROCESSING] = stage_limits.time_copies(count)
        limits[drive.TRACE] = stage_limits.time_shortest_paths(worlds)
        limits[drive.DIGEST] = stage_limits.time_hashing(count)
        limits[drive.ROW] = stage_limits.time_rows(times)
        limits[drive.SET_UP] = stage_limits.time_bare_bodies(worlds, simulations) + picture_s * len(worlds)
        if self._products is not None:
            reset_s = 0.0 if self._reset_products is None else _mean_s(self._reset_products)
            limits[drive.INFERENCE] = _mean_s(self._products) / len(simulations) * count + reset_s
        return limits

    def _measure_alone(self, times: DriveTimes) -> Turn:
        """Measure pictures and the forward pass without what an episode needs around them."""
        self._lockstep.reset([episode.world for episode in times.driven])
        shots = [robot_camera_shot(simulation) for simulation in self._lockstep.simulations]
        count, out = len(shots), np.empty_like(self._batch.pixels)
        picture_s = _mean_s(lambda: self._lockstep.renderer.render_rgb(shots, out)) / count
        forward_s = _mean_s(lambda: self._policy.act(self._batch))
        products_s = None if self._products is None else _mean_s(self._products)
        tiles = f"{count} at a time"
        return {
            (f"picture against an empty target, {tiles}", PER_PICTURE): Entry(
                picture_s, _mean_s(self._bare.take_empty) / count
            ),
            (f"picture against one triangle, {tiles}", PER_PICTURE): Entry(
                picture_s, _mean_s(self._bare.take_triangle) / count
            ),
            (f"forward pass against its matrix products, batch {count}", PER_CALL): Entry(forward_s, products_s),
        }


def _sum_up(stages: Iterable[Entry], times: DriveTimes, film: FilmTimes) -> Turn:
    """Add up a drive's stages and a film's, each beside the sum of its limits; a stage without a limit has none."""
    stages = list(stages)
    whole = Entry(sum(entry.seconds for entry in stages), sum(entry.limit_s or 0.0 for entry in stages))
    pictures_s, encoding_s = film.bare_pictures_s, film.bare_encoding_s
    shown = Entry(film.total_s / film.steps, (pictures_s + encoding_s) / film.steps)
    return {
        ("the drive", PER_OBSERVATION): whole,
        ("the drive, duration", PER_OBSERVATION): Entry(times.wall_s / times.observations),
        ("film", PER_OBSERVATION): shown,
        ("drive and film", PER_OBSERVATION): Entry(
            whole.seconds + shown.seconds, (whole.limit_s or 0.0) + (shown.limit_s or 0.0)
        ),
        ("a frame of the film", PER_FRAME): Entry(film.total_s / film.frames, (pictures_s + encoding_s) / film.frames),
        ("a frame, its pictures", PER_FRAME): Entry(film.pictures_s / film.frames, pictures_s / film.frames),
        ("a frame, its panels and encoding", PER_FRAME): Entry(
            (film.total_s - film.pictures_s) / film.frames, encoding_s / film.frames
        ),
    }


def prepare_products(function: Callable[[], object]) -> Callable[[], None] | None:
    """Return the matrix products of what a function computes in torch; None if it computes none there."""
    if "torch" not in sys.modules:  # a policy without a network
        return None
    from sim.benchmark.loop.network_products import make_product_run, record_products

    products = record_products(function)
    return make_product_run(products) if products else None


def _mean_s(function: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, after one that isn't timed."""
    function()
    return time_cpu(lambda: [function() for _ in range(CALLS)]) / CALLS


def _divide(seconds: float | None, count: int) -> float | None:
    return None if seconds is None else seconds / count
