"""Coverage of the intervals of a rank correlation over episodes and over both, and of the share of pairs in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from scenarios.common.seeding import make_generator
from sim.benchmark.coverage.coverage import Coverage
from sim.statistics.bootstrap import percentile_interval
from sim.statistics.correlation import correlate_rows, spearman_interval
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import (
    MIN_EPISODES,
    MIN_RELIABILITY,
    combine_intervals,
    correlation_interval,
    measure_reliability,
)

OVER_EPISODES, OVER_BOTH = "Spearman's rho over episodes", "Spearman's rho over policies and episodes"
IN_ORDER = "share of pairs in order, over episodes"
POLICIES = (6, 12, 21)
RELATIONS = (0.0, 0.6, 0.9, 0.98)  # of the underlying normal numbers
SPREADS: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # from a policy's rank, 0 to 1, to its success rate
    "rates 2 to 98 %": lambda rank: 0.02 + 0.96 * rank,
    "rates 70 to 98 %": lambda rank: 0.70 + 0.28 * rank,
    "a third at 0 %": lambda rank: np.clip(1.5 * rank - 0.5, 0.0, 0.97),
}
RESAMPLES = 200
CLEARLY = 2.5  # standard errors, above which two policies differ


@dataclass(frozen=True)
class Population:
    """Policies with their true success and error."""

    rates: np.ndarray  # (n,)
    errors: np.ndarray  # (n,)

    @property
    def rho(self) -> float:
        """Spearman's rho of the true numbers."""
        return float(correlate_rows(self.errors[None], self.rates[None])[0][0])


@dataclass(frozen=True)
class Sample:
    """What a run sees of a population."""

    won: np.ndarray  # (e, n)
    errors: np.ndarray  # (e, n)


def draw_population(rng: np.random.Generator, policies: int, spread: str, relation: float) -> Population:
    """Draw policies whose error falls with success, as strongly as asked."""
    from scipy.special import ndtr

    quality = rng.standard_normal(policies)
    error = -relation * quality + np.sqrt(1.0 - relation**2) * rng.standard_normal(policies)
    return Population(SPREADS[spread](ndtr(quality)), 0.05 * np.exp(0.45 * error))


def draw_sample(rng: np.random.Generator, true: Population, episodes: int) -> Sample:
    """Draw episodes that are hard for all policies alike in part, and recordings likewise."""
    from scipy.special import ndtri

    shape = (episodes, len(true.rates))
    difficulty, surprise = (
        np.sqrt(0.5) * (rng.standard_normal((episodes, 1)) + rng.standard_normal(shape)) for _ in range(2)
    )
    with np.errstate(divide="ignore"):
        return Sample(difficulty < ndtri(true.rates), true.errors * np.exp(0.35 * surprise))


def cover_episodes(sizes: Sequence[int], populations: int, samples: int) -> Iterator[Coverage]:
    """Simulate the coverage over samples that have an interval: with too few or too noisy episodes, there is none."""
    rng = make_generator(0, "coverage: episodes")
    for spread in SPREADS:
        for relation in RELATIONS:
            for policies in POLICIES:
                limit = _true_rho(rng, spread, relation)
                for size in (size for size in sizes if size >= MIN_EPISODES):
                    found = [
                        _judge(rng, true, draw_sample(rng, true, size), limit)
                        for true in (draw_population(rng, policies, spread, relation) for _ in range(populations))
                        for _ in range(samples)
                    ]
                    name = f"{policies} policies, {spread}, normal correlation {relation:g}"
                    yield from _share_covered(size, name, found)


def _true_rho(rng: np.random.Generator, spread: str, relation: float) -> float:
    """The rho of very many policies."""
    from scipy.stats import spearmanr

    many = draw_population(rng, 20000, spread, relation)
    return float(spearmanr(many.errors, many.rates).statistic)


def _share_covered(size: int, name: str, found: Sequence[dict[str, bool]]) -> Iterator[Coverage]:
    for interval in (OVER_EPISODES, OVER_BOTH, IN_ORDER):
        known = [each[interval] for each in found if interval in each]
        if len(known) >= len(found) / 4:  # fewer samples with an interval say little
            yield Coverage(interval, size, name, sum(known) / len(known))


def _judge(rng: np.random.Generator, true: Population, seen: Sample, limit: float) -> dict[str, bool]:
    """Whether each interval contains what it should; without those that are not given."""
    errors, rates = seen.errors.mean(axis=0), seen.won.sum(axis=0).astype(np.float64)
    episodes = len(seen.won)
    counts = rng.multinomial(episodes, np.full(episodes, 1.0 / episodes), (2, RESAMPLES))
    more_errors, more_rates = counts[0] @ seen.errors, counts[1] @ seen.won
    reliability = measure_reliability(errors, more_errors) * measure_reliability(rates, more_rates)
    value = float(correlate_rows(errors[None], rates[None])[0][0])
    if not np.isfinite(value) or reliability < MIN_RELIABILITY:
        return {}
    resampled = correlate_rows(more_errors, more_rates)[0]
    over_episodes = correlation_interval(value, resampled, reliability=reliability, episodes=episodes)
    judged = {OVER_EPISODES: _contains(over_episodes, true.rho)}
    low, high = (float(end[0]) for end in spearman_interval(errors[None], rates[None]))
    if abs(value) < 1.0 - 1e-9:
        judged[OVER_BOTH] = _contains(combine_intervals(value, Interval(low, high), over_episodes), limit)
    apart = _select_apart(seen.won)
    if len(apart):
        expected = float(_share_in_order(true.errors[None], true.rates[None], apart)[0])
        judged[IN_ORDER] = _contains(percentile_interval(_share_in_order(more_errors, more_rates, apart)), expected)
    return judged


def _contains(interval: Interval, value: float) -> bool:
    return interval.low - 1e-9 <= value <= interval.high + 1e-9


def _select_apart(won: np.ndarray) -> np.ndarray:
    """(pairs, 2) the pairs of policies whose success clearly differs."""
    pairs = np.array(list(combinations(range(won.shape[1]), 2)))
    gained = (won[:, pairs[:, 0]] & ~won[:, pairs[:, 1]]).sum(axis=0)
    lost = (~won[:, pairs[:, 0]] & won[:, pairs[:, 1]]).sum(axis=0)
    chosen: np.ndarray = pairs[np.abs(gained - lost) > CLEARLY * np.sqrt(np.maximum(1, gained + lost))]
    return chosen


def _share_in_order(errors: np.ndarray, rates: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(r,) the share of pairs whose lower error goes with more success."""
    one, other = pairs.T
    order = np.sign(errors[:, one] - errors[:, other]) * np.sign(rates[:, other] - rates[:, one])
    share: np.ndarray = (order > 0).mean(axis=1)
    return share
