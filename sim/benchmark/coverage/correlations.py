"""Coverage of the intervals of rank correlations over policies, with ties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from scenarios.common.seeding import make_generator
from sim.benchmark.coverage.coverage import Coverage
from sim.statistics.correlation import MIN_PAIRS, correlate_rows, kendall_interval, spearman_interval

RHO, TAU = "Spearman's rho over policies", "Kendall's tau-b over policies"
RELATIONS = (0.0, 0.3, 0.6, 0.8, 0.95)
TIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "no ties": lambda rates: rates,
    "20 episodes": lambda rates: np.floor(21.0 * rates),
    "5 levels": lambda rates: np.floor(5.0 * rates),
    "2 levels": lambda rates: np.floor(2.0 * rates),
    "a third at 0": lambda rates: np.floor(20.0 * np.clip(rates - 0.35, 0.0, None)),
}
POPULATION = 20000
LARGEST = 4_000_000  # elements of an array of order signs


def cover_correlations(sizes: Sequence[int], repeats: int) -> Iterator[Coverage]:
    """Simulate the coverage of both rank correlations, over samples with a correlation other than +-1."""
    rng = make_generator(0, "coverage: correlations")
    for ties, tie in TIES.items():
        for relation in RELATIONS:
            true_rho, true_tau = _correlate_population(*_draw(rng, relation, tie, (1, POPULATION)))
            for size in sizes:
                first, second = _draw(rng, relation, tie, (_limit(repeats, size), size))
                rho, tau = correlate_rows(first, second)
                name = f"{ties}, normal correlation {relation:g}"
                # Two of a few levels can't be in perfect order, so a strong one is a bound that is covered too often.
                extreme = "levels" in ties and relation > 0.9
                if size >= MIN_PAIRS["spearman"]:
                    share = _share_covered(true_rho, rho, spearman_interval(first, second))
                    yield Coverage(RHO, size, name, share, extreme)
                if size >= MIN_PAIRS["kendall"]:
                    share = _share_covered(true_tau, tau, kendall_interval(first, second))
                    yield Coverage(TAU, size, name, share, extreme)


def _limit(repeats: int, size: int) -> int:
    return max(200, min(repeats, LARGEST // (size * size)))


def _draw(
    rng: np.random.Generator, relation: float, tie: Callable[[np.ndarray], np.ndarray], shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Errors and success (r, n) of policies whose underlying normal numbers correlate by ``relation``."""
    from scipy.special import ndtr

    errors = rng.standard_normal(shape)
    return errors, tie(ndtr(relation * errors + np.sqrt(1.0 - relation**2) * rng.standard_normal(shape)))


def _correlate_population(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    from scipy.stats import kendalltau, spearmanr

    return float(spearmanr(first[0], second[0]).statistic), float(kendalltau(first[0], second[0]).statistic)


def _share_covered(true: float, values: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> float:
    given = np.isfinite(values) & (np.abs(values) < 1.0 - 1e-9)
    low, high = ends
    return float(((low <= true) & (true <= high))[given].mean())
