"""Coverage of the intervals of offline errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from scenarios.common.seeding import make_generator
from sim.benchmark.coverage.coverage import Coverage
from sim.statistics.bootstrap import ratio_interval
from sim.statistics.intervals import Interval, mean_interval

ERROR, DIFFERENCE, MEAN = "MAE over episodes", "MAE less that of a baseline", "mean MAE over 3 data sets"
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
"""Sums over frames, and numbers of frames, of so many episodes, (e,) and (e,)."""
POPULATION = 400_000


def _draw_lognormal(spread: float) -> Draw:
    def draw(rng: np.random.Generator, episodes: int) -> tuple[np.ndarray, np.ndarray]:
        frames = rng.integers(40, 120, episodes).astype(np.float64)
        return 0.05 * np.exp(spread * rng.standard_normal(episodes)) * frames, frames

    return draw


def _draw_long_ones_harder(rng: np.random.Generator, episodes: int) -> tuple[np.ndarray, np.ndarray]:
    frames = rng.integers(40, 120, episodes).astype(np.float64)
    return 0.05 * frames / 80.0 * np.exp(0.4 * rng.standard_normal(episodes)) * frames, frames


def _draw_close_frames(rng: np.random.Generator, episodes: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.beta(18.0, 2.0, episodes) * 80.0, np.full(episodes, 80.0)


def _draw_difference(rng: np.random.Generator, episodes: int) -> tuple[np.ndarray, np.ndarray]:
    frames = rng.integers(40, 120, episodes).astype(np.float64)
    return (0.005 + 0.02 * rng.standard_normal(episodes) * np.exp(0.4 * rng.standard_normal(episodes))) * frames, frames


KINDS: dict[str, dict[str, Draw]] = {
    ERROR: {
        "alike": _draw_lognormal(0.2),
        "skewed": _draw_lognormal(0.5),
        "long episodes harder": _draw_long_ones_harder,
        "share of close frames": _draw_close_frames,
    },
    DIFFERENCE: {"of both signs": _draw_difference, "of one sign": _draw_lognormal(0.35)},
}


def cover_errors(sizes: Sequence[int], repeats: int) -> Iterator[Coverage]:
    """Simulate the coverage of the intervals of an error, of a difference, and of a mean over data sets."""
    rng = make_generator(0, "coverage: errors")
    for interval, kinds in KINDS.items():
        for name, draw in kinds.items():
            true = _find_mean(draw, rng)
            for size in sizes:
                ends = np.array([_estimate_interval(*draw(rng, size)) for _ in range(repeats)])
                yield Coverage(interval, size, name, float(((ends[:, 0] <= true) & (true <= ends[:, 1])).mean()))
    draws = tuple(KINDS[ERROR].values())[:3]
    true = float(np.mean([_find_mean(draw, rng) for draw in draws]))
    for size in sizes:
        inside = [_contains_mean(draws, rng, size, true) for _ in range(repeats)]
        yield Coverage(MEAN, size, "three kinds of episodes", sum(inside) / repeats)


def _estimate_interval(sums: np.ndarray, frames: np.ndarray) -> Interval:
    interval = ratio_interval(sums, frames)
    if interval is None:
        raise ValueError("an interval over episodes needs at least two")
    return interval


def _find_mean(draw: Draw, rng: np.random.Generator) -> float:
    sums, frames = draw(rng, POPULATION)
    return float(sums.sum() / frames.sum())


def _contains_mean(draws: Sequence[Draw], rng: np.random.Generator, size: int, true: float) -> bool:
    sets = [draw(rng, size) for draw in draws]
    _, low, high = mean_interval(
        [(float(sums.sum() / frames.sum()), *_estimate_interval(sums, frames)) for sums, frames in sets]
    )
    return low <= true <= high
