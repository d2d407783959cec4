"""All simulations of coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.benchmark.coverage.correlations import cover_correlations
from sim.benchmark.coverage.coverage import SIZES, Coverage, summarise_coverage
from sim.benchmark.coverage.episodes import cover_episodes
from sim.benchmark.coverage.errors import cover_errors
from sim.benchmark.coverage.rates import cover_language, cover_paired, cover_success
from sim.benchmark.measurements import Measurement

EPISODE_SIZES = (30, 60, 200)


def measure_coverage() -> Iterator[Measurement]:
    """Measure how often each 95 % interval that is reported contains the truth; takes a few minutes."""
    yield from summarise_coverage(simulate_coverage(SIZES, EPISODE_SIZES, 4000))


def simulate_coverage(sizes: Sequence[int], episode_sizes: Sequence[int], repeats: int) -> Iterator[Coverage]:
    """Simulate every interval.

    Args:
        sizes: Numbers of episodes or policies.
        episode_sizes: Numbers of episodes of the intervals over episodes, which need more.
        repeats: Samples of each truth, fewer where one takes long.
    """
    yield from cover_success(sizes)
    yield from cover_paired(sizes, repeats)
    yield from cover_language(sizes, repeats)
    yield from cover_correlations(sizes, repeats // 2)
    yield from cover_episodes(episode_sizes, repeats // 80, 4)
    yield from cover_errors(sizes, repeats // 8)
