"""The difference of two policies that were each trained with several seeds and measured on the same episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_SEEDS = 2  # of an interval over training seeds
MIN_EPISODES = 2  # of a scenario, so that it tells how much they differ
TINY = 1e-18


@dataclass(frozen=True)
class SeedDifference:
    """A difference with its 95 % interval over training seeds and episodes.

    Attributes:
        difference: The mean over episodes and seeds.
        low, high: Ends of the interval; None with one seed, which doesn't tell how much retraining changes, or with one
            episode in a scenario, which doesn't tell how much these differ.
        seeds: Number of training seeds, each with both policies.
        episodes: Number of episodes that all of them share.
    """

    difference: float
    low: float | None
    high: float | None
    seeds: int
    episodes: int


def measure_seed_difference(
    differences: Sequence[np.ndarray], least_variances: Sequence[float] | None = None
) -> SeedDifference:
    """Compute the mean of paired differences, with its interval over seeds and episodes.

    Seeds and episodes are crossed: each trained pair drives the same episodes. The variance of the mean is that of the
    seeds' means, plus that of the episodes' means, less that of single pairs, which is in both (Owen 2007, "The
    pigeonhole bootstrap", Annals of Applied Statistics 1:386, section 3); never less than either. Its degrees of
    freedom are Satterthwaite's (1946, Biometrics Bulletin 2:110), few with few seeds: with three that differ, Student's
    t is 4.3. A bootstrap of three seeds would be too narrow.

    Args:
        differences: Of each scenario (seeds, episodes), each scenario and each of its episodes counting alike.
        least_variances: Of the mean of each scenario over other episodes, if its episodes don't differ, as rates may
            not in a few; None where equal values are certain, but those of a single episode.
    """
    seeds, scenarios = len(differences[0]), len(differences)
    means = [values.mean(axis=1) for values in differences]  # (seeds,) each
    by_seed = np.mean(means, axis=0)  # (seeds,)
    mean, episodes = float(by_seed.mean()), sum(values.shape[1] for values in differences)
    unknown = least_variances is None and min(values.shape[1] for values in differences) < MIN_EPISODES
    if seeds < MIN_SEEDS or unknown:
        return SeedDifference(mean, None, None, seeds, episodes)
    of_seeds = float(by_seed.var(ddof=1)) / seeds
    spreads, of_pairs = [], 0.0
    for place, values in enumerate(differences):
        by_episode = values.mean(axis=0)  # (episodes,)
        away = by_episode - by_episode.mean()
        rest = values - values.mean(axis=1, keepdims=True) - away
        count = values.shape[1]
        scale = 1.0 / (max(1, count - 1) * count * scenarios**2)
        spread = float(away @ away) * scale
        if least_variances is not None and spread <= TINY:
            spread = least_variances[place] / scenarios**2
        spreads.append(spread)
        of_pairs += float((rest**2).sum()) * scale / (seeds * (seeds - 1))
    of_episodes = sum(spreads)
    variance = max(of_seeds + of_episodes - of_pairs, of_seeds, of_episodes)
    freedoms = [seeds - 1, *(max(1, values.shape[1] - 1) for values in differences)]
    half = _student(variance, [of_seeds, *spreads], freedoms) * float(np.sqrt(variance))
    return SeedDifference(mean, mean - half, mean + half, seeds, episodes)


def _student(variance: float, parts: Sequence[float], freedoms: Sequence[int]) -> float:
    """Return Student's t with the degrees of freedom of a sum of variances, that over seeds first."""
    from scipy.special import stdtrit  # slow to import

    spread = sum(part**2 / freedom for part, freedom in zip(parts, freedoms, strict=True))
    freedom = variance**2 / spread if spread > TINY**2 else np.inf
    return float(stdtrit(min(max(freedom, freedoms[0]), sum(freedoms)), 0.975))
