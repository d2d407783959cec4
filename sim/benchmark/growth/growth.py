"""Growth of time and memory: what is measured at which sizes, and the exponents."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from sim.benchmark.growth.episodes import measure_episodes
from sim.benchmark.growth.points import Point, run_apart
from sim.benchmark.growth.policies import measure_batch, measure_policies
from sim.benchmark.growth.results import drive_rows, measure_results
from sim.benchmark.growth.workers import measure_pool
from sim.benchmark.growth.worlds import measure_boxes, measure_cameras, measure_movers
from sim.benchmark.measurements import Measurement

SIZES: dict[str, tuple[Callable[[int], Point], tuple[int, ...]]] = {
    "batch": (measure_batch, (1, 4, 16, 64)),
    "boxes": (measure_boxes, (4, 16, 64, 256)),
    "movers": (measure_movers, (1, 4, 16, 64)),
    "cameras": (measure_cameras, (1, 4, 16, 64)),
    "policies": (measure_policies, (1, 2, 4, 8)),
    "workers": (measure_pool, (1, 2, 4)),
}
"""By what grows, the function that measures it in a process of its own, and the sizes."""


def measure_growth(largest: int) -> Iterator[Measurement]:
    """Measure the CPU time and the peak memory of each quantity at several sizes, up to ``largest`` episodes."""
    counts = list_decades(largest)
    yield from summarise_growth("episodes", run_apart(measure_episodes, counts))
    driven = run_apart(drive_rows)
    results = [run_apart(measure_results, driven, count) for count in (*counts, 10 * largest)]
    for part in results[0]:
        points = [found[part] for found in results]
        yield from _summarise(f"time against episodes, {part}", "s", points, [point.seconds for point in points])
    # The peak grows from part to part, so the last one's is that of all.
    yield from _summarise("memory against episodes, results", "MiB", points, [point.memory_mb for point in points])
    for name, (measure, sizes) in SIZES.items():
        yield from summarise_growth(name, [run_apart(measure, size) for size in sizes])


def summarise_growth(name: str, points: Sequence[Point]) -> Iterator[Measurement]:
    """Yield time and memory at each size, with the exponent from the last but one to the last size."""
    yield from _summarise(f"time against {name}", "s", points, [point.seconds for point in points])
    yield from _summarise(f"memory against {name}", "MiB", points, [point.memory_mb for point in points])


def _summarise(name: str, unit: str, points: Sequence[Point], values: Sequence[float]) -> Iterator[Measurement]:
    exponent = fit_exponent([point.size for point in points], values)
    for point, value in zip(points, values, strict=True):
        yield Measurement("growth", name, value, unit, exponent, at=point.size)


def fit_exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return the exponent with which values grow at the largest sizes, where what is constant matters least."""
    return math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])


def list_decades(largest: int) -> tuple[int, ...]:
    """Return 10, 100, ... up to ``largest``, which is the last; at least two sizes."""
    decades = [10**power for power in range(1, 7) if 10**power < largest]
    return (*(decades or [max(1, largest // 2)]), largest)
