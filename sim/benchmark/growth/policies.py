"""Time and memory against the batch of a policy, and against the number of policies in a run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from policies.policy import ObservationBatch
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.benchmark.growth.points import Point, peak_memory_mb, repeat_timed
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate.job_kinds import CheckPolicy, DriveBlock, EvaluationSettings
from sim.evaluate.jobs import EvaluationJobs
from sim.results.plan import Block, Cell
from sim.workers.job import Job
from sim.workers.process import Heartbeat


def measure_batch(size: int, name: str = "hybrid") -> Point:
    """Measure a policy's actions for a batch of as many observations."""
    policy = make_policy(name)
    policy.reset(range(size), ["go to the red ball"] * size)
    assert policy.spec.image_size is not None
    pixels = np.random.default_rng(0).integers(0, 256, (size, *policy.spec.image_size, 3), np.uint8)
    batch = ObservationBatch(pixels, np.zeros((size, 6), np.float32), np.ones(size, bool))
    return Point(size, repeat_timed(lambda: policy.act(batch)), peak_memory_mb())


def measure_policies(count: int, name: str = "hybrid") -> Point:
    """Measure a worker that drives one episode of each of as many policies: the same checkpoint under other names."""
    jobs = EvaluationJobs(EvaluationSettings("auto", "none"), Heartbeat([0.0, 0.0]))
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        for number in range(count):
            path = Path(folder) / f"policy-{number}"
            path.symlink_to(find_checkpoint(name))
            jobs.do(Job(f"check {number}", CheckPolicy(str(path), None)), lambda part: None)
            work = DriveBlock(Block(Cell(str(path), SCENARIO), SEED, 0, 1), 0.0)
            jobs.do(Job(f"drive {number}", work, Path(folder)), lambda part: None)
        return Point(count, time.process_time() - began, peak_memory_mb())


def find_checkpoint(name: str) -> Path:
    """Return the folder of a checkpoint that is part of this package.

    Raises:
        InputError: There is none of this name.
    """
    import policies

    folder = Path(policies.__path__[0]) / "checkpoints" / name
    if not folder.is_dir():
        raise InputError(f"policy '{name}' has no checkpoint in this package")
    return folder
