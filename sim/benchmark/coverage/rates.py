"""Coverage of the intervals of success rates, of their paired differences, and of language scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from scenarios.common.seeding import make_generator
from sim.benchmark.coverage.coverage import RATES, Coverage
from sim.statistics.exact import ALPHA, ROUNDING, binomial_mass, measure_tails, success_interval
from sim.statistics.intervals import paired_difference

SUCCESS, PAIRED, LANGUAGE = "success rate (Blaker)", "paired difference (Bonett and Price)", "language score (mid-p)"
SCORES = np.linspace(-1.0, 1.0, 5)  # of a pair of episodes
OBEDIENCE = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995, 1.0)
AGREE = 0.05  # probability that all results are equal, above which any interval covers too often


class TwoRates(NamedTuple):
    """Success of the same episodes before and after."""

    before: float
    after: float
    correlation: float

    def share_outcomes(self) -> np.ndarray:
        """(4,) probabilities of both, gained, lost, neither."""
        spread = np.sqrt(self.before * (1.0 - self.before) * self.after * (1.0 - self.after))
        both = min(self.before * self.after + self.correlation * spread, self.before, self.after)
        shares = np.array([both, self.after - both, self.before - both, 1.0 - self.before - self.after + both])
        return np.clip(shares, 0.0, None) / np.clip(shares, 0.0, None).sum()


PAIRS_OF_RATES = (
    *(TwoRates(rate, rate, phi) for rate in (0.5, 0.7, 0.9, 0.95, 0.98) for phi in (0.0, 0.5)),
    *(TwoRates(0.9, 0.6, phi) for phi in (0.0, 0.3)),
    *(TwoRates(1.0, after, 0.0) for after in (0.98, 0.9, 0.5)),
    *(TwoRates(0.5, 0.1, 0.0), TwoRates(0.8, 0.7, 0.8)),
    *(TwoRates(1.0, 0.03, 0.0), TwoRates(0.98, 0.02, 0.3)),  # as if a perturbation left nothing
)


def cover_success(sizes: Sequence[int]) -> Iterator[Coverage]:
    """Compute the coverage of the interval of a success rate, exactly."""
    rates = np.array(RATES)
    for size in sizes:
        ends = np.array([success_interval(successes=k, trials=size) for k in range(size + 1)])
        inside = (ends[:, 0] <= rates[:, None] + ROUNDING) & (rates[:, None] - ROUNDING <= ends[:, 1])
        for rate, share in zip(rates, (binomial_mass(rates, size) * inside).sum(axis=1), strict=True):
            extreme = max(rate, 1.0 - rate) ** size > AGREE
            yield Coverage(SUCCESS, size, f"rate {rate:g}", float(share), bool(extreme))


def cover_paired(sizes: Sequence[int], repeats: int) -> Iterator[Coverage]:
    """Simulate the coverage of the interval of a paired difference."""
    rng = make_generator(0, "coverage: paired")
    for size in sizes:
        for truth in PAIRS_OF_RATES:
            shares = truth.share_outcomes()
            tables, times = np.unique(rng.multinomial(size, shares, repeats), axis=0, return_counts=True)
            inside = np.array([_contains(table, truth.after - truth.before) for table in tables.tolist()])
            name = f"rates {truth.before:g} and {truth.after:g}, correlation {truth.correlation:g}"
            extreme = (shares[0] + shares[3]) ** size > AGREE or shares.max() ** size > AGREE
            yield Coverage(PAIRED, size, name, float(inside @ times) / repeats, bool(extreme))


def _contains(table: Sequence[int], difference: float) -> bool:
    both, gained, lost, neither = table
    found = paired_difference(both=both, gained=gained, lost=lost, neither=neither)
    return found.low - ROUNDING <= difference <= found.high + ROUNDING


def simulate_obedience(obedience: float) -> dict[str, np.ndarray]:
    """Return, by its name, the probability (5,) of each score of a pair, where each is obeyed so often."""
    rest = 1.0 - obedience
    return {
        "whole pairs, else ignored": np.array([0.0, 0.0, rest, 0.0, obedience]),
        "whole pairs, else the other goal": np.array([rest, 0.0, 0.0, 0.0, obedience]),
        "each episode, else it fails": np.convolve([0.0, rest, obedience], [0.0, rest, obedience]),
        "each episode, else the other goal": np.convolve([rest, 0.0, obedience], [rest, 0.0, obedience]),
        "each episode, else either": np.convolve([rest / 2, rest / 2, obedience], [rest / 2, rest / 2, obedience]),
        "whole pairs, else anything": np.array([0.1 * rest, 0.1 * rest, 0.4 * rest, 0.4 * rest, obedience]),
    }


def cover_language(sizes: Sequence[int], repeats: int) -> Iterator[Coverage]:
    """Simulate the coverage of the interval of a language score: how often the true mean isn't rejected."""
    rng = make_generator(0, "coverage: language")
    for size in sizes:
        for obedience in OBEDIENCE:
            for name, shares in simulate_obedience(obedience).items():
                counts, times = np.unique(rng.multinomial(size, shares, repeats), axis=0, return_counts=True)
                share = float(_accept(counts.astype(np.float64), float(shares @ SCORES)) @ times) / repeats
                extreme = shares.max() ** size > AGREE
                yield Coverage(LANGUAGE, size, f"obedience {obedience:g}, {name}", share, bool(extreme))


def _accept(counts: np.ndarray, mean: float) -> np.ndarray:
    """(r,) whether the interval of each row's mean score contains ``mean``."""
    if abs(mean) == 1.0:
        return counts @ SCORES == mean * counts.sum(axis=1)
    below, above = measure_tails(counts, np.full(len(counts), mean))
    accepted: np.ndarray = np.minimum(below, above) >= ALPHA / 2.0 - ROUNDING
    return accepted
