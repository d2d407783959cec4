"""A measurement, and rates of alternatives that are timed in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MIN_TURN_S = 0.25  # shortest turn of a measurement


@dataclass(frozen=True)
class Measurement:
    """A figure that a benchmark measured."""

    group: str
    """The benchmark."""
    name: str
    """What was measured."""
    value: float
    """The median over the repeats."""
    unit: str
    """Unit of the value."""
    ratio: float | None = None
    """Factor relative to the alternative, the median over turns taken one after the other; None without one."""
    limit: float | None = None
    """What this machine needs at least for the same work, in the same unit; ``ratio`` is relative to it; None without
    one."""
    at: int | None = None
    """Size of the work, where a figure was measured at several sizes."""


def measure_rates(
    rivals: Mapping[str, Callable[[], int]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Measure the rate of several alternatives in turns, so that a busy moment of the machine affects all of them.

    Args:
        rivals: By name, a function that does some work and returns the number of units; each warms up once.
        repeats: Number of turns.
        clock: What tells the seconds: wall time, or ``time.process_time`` for the CPU time of all threads.

    Returns:
        By name, the units per second of each turn.
    """
    for work in rivals.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(repeats):
        for name, work in rivals.items():
            began, done = clock(), 0
            while (passed := clock() - began) < MIN_TURN_S or not done:
                done += work()
            found[name].append(done / passed)
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of single turns."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])
