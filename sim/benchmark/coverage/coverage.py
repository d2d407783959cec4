"""How often a 95 % interval contains the truth, over many truths and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from sim.benchmark.measurements import Measurement

SIZES = (5, 8, 10, 15, 20, 30, 40, 60, 100, 200)
RATES = (0.005, 0.01, 0.02, *(0.05 * step for step in range(1, 20)), 0.98, 0.99, 0.995)
ALLOWED = (0.92, 0.98)


@dataclass(frozen=True)
class Coverage:
    """The coverage of one interval at one size and one truth."""

    interval: str
    """What it is an interval of, and over what."""
    size: int
    """Number of episodes, pairs of episodes, or policies."""
    truth: str
    """What was simulated."""
    share: float
    """Of the simulated samples with an interval, those whose interval contains the truth."""
    extreme: bool = False
    """True where any interval must cover too often: equal results throughout are likelier than 5 %."""


def summarise_coverage(found: Iterable[Coverage]) -> Iterator[Measurement]:
    """Report the lowest, the mean and the highest coverage of each interval at each size, and the worst case."""
    by_interval: dict[str, list[Coverage]] = {}
    for each in found:
        by_interval.setdefault(each.interval, []).append(each)
    for interval, cases in by_interval.items():
        worst = min(cases, key=lambda case: case.share)
        usual = [case for case in cases if not case.extreme]
        yield Measurement(interval, f"worst case: {worst.truth}, n = {worst.size}", 100.0 * worst.share, "%")
        yield Measurement(interval, "share of cases from 92 to 98 %", 100.0 * _share_allowed(cases), "%")
        yield Measurement(interval, "the same, without the extremes", 100.0 * _share_allowed(usual), "%")
        yield from _by_size(interval, "lowest", cases, min)
        yield from _by_size(interval, "mean", cases, mean)
        yield from _by_size(interval, "highest without extremes", usual, max)


def _share_allowed(cases: Sequence[Coverage]) -> float:
    low, high = ALLOWED
    return sum(low <= case.share <= high for case in cases) / len(cases) if cases else 1.0


def _by_size(
    interval: str, name: str, cases: Sequence[Coverage], reduce: Callable[[Sequence[float]], float]
) -> Iterator[Measurement]:
    for size in dict.fromkeys(case.size for case in cases):
        shares = [case.share for case in cases if case.size == size]
        yield Measurement(interval, name, 100.0 * reduce(shares), "%", at=size)
