"""The ledger of the closed loop: the CPU time of each stage beside the least that this machine needs for its work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from scenarios.robot import IMAGE_SIZE
from sim.benchmark.loop.bare_pictures import BarePictures
from sim.benchmark.loop.drive import make_block, time_drive
from sim.benchmark.loop.turn import Entry, TurnTimer
from sim.benchmark.measurements import Measurement
from sim.results.plan import BLOCK_EPISODES


def measure_ledger(name: str, repeats: int) -> Iterator[Measurement]:
    """Measure each stage of driving a policy, one block of episodes a turn, and its limit in the same turn."""
    policy, lockstep = make_policy(name), Lockstep(BLOCK_EPISODES)
    try:
        time_drive(lockstep, policy, make_block(name, 0))  # warms everything up
        with BarePictures(BLOCK_EPISODES, IMAGE_SIZE) as bare, tempfile.TemporaryDirectory() as folder:
            timer = TurnTimer(lockstep, policy, bare, Path(folder))
            turns = [timer.measure(make_block(name, number)) for number in range(1, repeats + 1)]
    finally:
        lockstep.close()
    for what, unit in turns[0]:
        yield _summarise(f"{name}: {what}", unit, [turn[what, unit] for turn in turns])


def _summarise(name: str, unit: str, entries: Sequence[Entry]) -> Measurement:
    """Return the medians over the turns; the ratio is the median of the turns' ratios."""
    value_ms = 1e3 * median(entry.seconds for entry in entries)
    limits = [entry.limit_s for entry in entries if entry.limit_s]
    if len(limits) < len(entries):
        return Measurement("loop", name, value_ms, unit)
    ratio = median(entry.seconds / limit for entry, limit in zip(entries, limits, strict=True))
    return Measurement("loop", name, value_ms, unit, ratio, 1e3 * median(limits))
