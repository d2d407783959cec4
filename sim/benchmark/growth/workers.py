"""Benchmark of worker processes: episodes a second of warm pools, and their memory."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from sim.benchmark.growth.points import Point
from sim.benchmark.measurements import Measurement, median_ratio
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate.job_kinds import CheckPolicy, DriveBlock, EvaluationSettings
from sim.results.plan import BLOCK_EPISODES, Block, Cell
from sim.workers.job import Job, JsonObject
from sim.workers.pool import Timeouts, WorkerPool

WORKER_COUNTS = (1, 2)
RUNNER = "sim.evaluate.jobs:EvaluationJobs"


class _Ignore:
    """Ignores results, and raises where a job failed."""

    def part(self, job: Job, part: JsonObject) -> None:
        """Ignore a row."""

    def done(self, job: Job, result: JsonObject) -> None:
        """Ignore a result."""

    def hung(self, job: Job, parts: Sequence[JsonObject], seconds: float) -> None:
        raise RuntimeError(f"{job.name} took longer than {seconds:g} s")

    def failed(self, job: Job, reason: str) -> None:
        raise RuntimeError(f"{job.name}: {reason}")


def measure_workers(name: str, repeats: int) -> Iterator[Measurement]:
    """Measure the episodes a second of pools whose processes have started and driven, relative to one worker.

    In each turn every worker drives the same block of episodes, so that all end at the same time.
    """
    with ExitStack() as open_ones, tempfile.TemporaryDirectory() as folder:
        pools = {count: open_ones.enter_context(_open_pool(count)) for count in WORKER_COUNTS}
        for count, pool in pools.items():
            pool.run([Job(f"check {number}", CheckPolicy(name, None)) for number in range(count)], _Ignore())
            _drive(pool, name, count, 0, Path(folder))
        rates: dict[int, list[float]] = {count: [] for count in pools}
        for turn in range(1, repeats + 1):
            for count, pool in pools.items():
                seconds = _drive(pool, name, count, turn, Path(folder))
                rates[count].append(count * BLOCK_EPISODES / seconds)
        memory_mb = measure_memory_of_children()
    for count, found in rates.items():
        plural = "s" if count != 1 else ""
        ratio = median_ratio(found, rates[WORKER_COUNTS[0]])
        yield Measurement("workers", f"{name}, {count} worker{plural}", median(found), "episodes/s", ratio)
    yield Measurement("workers", f"{name}, memory of a worker", memory_mb / sum(WORKER_COUNTS), "MiB")


def measure_pool(count: int) -> Point:
    """Measure the seconds in which each of as many workers drives a block, on the wall, and the memory of all."""
    with _open_pool(count) as pool, tempfile.TemporaryDirectory() as folder:
        for turn in range(2):  # the first warms everything up
            seconds = _drive(pool, "hybrid", count, turn, Path(folder))
        return Point(count, seconds, measure_memory_of_children())


def _open_pool(count: int) -> WorkerPool:
    return WorkerPool(RUNNER, EvaluationSettings("auto", "none"), count, Timeouts())


def _drive(pool: WorkerPool, name: str, count: int, turn: int, folder: Path) -> float:
    """Let each worker drive the same block, and return the seconds until all are done."""
    block = Block(Cell(name, SCENARIO), SEED, BLOCK_EPISODES * turn, BLOCK_EPISODES)
    jobs = [Job(f"drive {number}", DriveBlock(block, 0.0), folder) for number in range(count)]
    began = time.perf_counter()
    pool.run(jobs, _Ignore())
    return time.perf_counter() - began


def measure_memory_of_children() -> float:
    """Return the memory of all children of this process in MiB; what several share counts once."""
    total_kb = 0
    for child in multiprocessing.active_children():
        lines = Path(f"/proc/{child.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        total_kb += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total_kb / 1024
