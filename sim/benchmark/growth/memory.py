"""Benchmark of whether memory grows with the episodes that a process has driven."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from envs.simulation.lockstep import Lockstep
from policies.scripted.expert import ExpertPolicy
from sim.benchmark.measurements import Measurement
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate.block import drive_block
from sim.results.plan import BLOCK_EPISODES, Block, Cell


def measure_memory(episodes: int) -> Iterator[Measurement]:
    """Measure this process's resident memory after a tenth of the episodes and after all, driven by the expert."""
    cell, driver, early_mb = Cell("expert", SCENARIO), ExpertPolicy(), 0.0
    lockstep = Lockstep(BLOCK_EPISODES)
    try:
        for first in range(0, episodes, BLOCK_EPISODES):
            block = Block(cell, SEED, first, min(BLOCK_EPISODES, episodes - first))
            drive_block(lockstep, driver, block, lambda row: None)
            done = first + block.count
            if not early_mb and done >= episodes / 10:
                early_mb = resident_mb()
                yield Measurement("memory", f"after {done} episodes", early_mb, "MiB")
        late_mb = resident_mb()
        yield Measurement("memory", f"after {done} episodes", late_mb, "MiB", late_mb / early_mb)
    finally:
        lockstep.close()


def resident_mb() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
