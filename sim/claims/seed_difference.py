"""The difference of two policies that were each trained with several seeds and measured on the same episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_SEEDS = 2  # of an interval over training seeds
TINY = 1e-18


@dataclass(frozen=True)
class SeedDifference:
    """A difference with its 95 % interval over training seeds and episodes.

    Attributes:
        difference: The mean over episodes and seeds.
        low, high: Ends of the interval; None with one seed, which doesn't tell how much retraining changes.
        seeds: Number of training seeds, each with both policies.
        episodes: Number of episodes that all of them share.
    """

    difference: float
    low: float | None
    high: float | None
    seeds: int
    episodes: int


def measure_seed_difference(
    differences: Sequence[np.ndarray], weights: Sequence[np.ndarray], least_variance: float = 0.0
) -> SeedDifference:
    """Compute the mean of paired differences, with its interval over seeds and episodes.

    Seeds and episodes are crossed: each trained pair drives the same episodes. The variance of the mean is that of the
    seeds' means, plus that of the episodes' means, less that of single pairs, which is in both (Owen 2007, "The
    pigeonhole bootstrap", Annals of Applied Statistics 1:386, section 3); never less than either. Its degrees of
    freedom are Satterthwaite's (1946, Biometrics Bulletin 2:110), few with few seeds: with three that differ, Student's
    t is 4.3. A bootstrap of three seeds would be too narrow.

    Args:
        differences: Of each scenario (seeds, episodes), each scenario counting alike.
        weights: Of each scenario (episodes,), the weight of each episode.
        least_variance: Of the mean, as of rates that never differ in a few episodes.
    """
    seeds, scenarios = len(differences[0]), len(differences)
    shares = [weight / weight.sum() for weight in weights]
    means = [values @ share for values, share in zip(differences, shares, strict=True)]  # (seeds,) each
    by_seed = np.mean(means, axis=0)  # (seeds,)
    mean, episodes = float(by_seed.mean()), sum(values.shape[1] for values in differences)
    if seeds < MIN_SEEDS:
        return SeedDifference(mean, None, None, seeds, episodes)
    of_seeds = float(by_seed.var(ddof=1)) / seeds
    of_episodes, of_pairs = 0.0, 0.0
    for values, share, mean_of_seed in zip(differences, shares, means, strict=True):
        by_episode = values.mean(axis=0)  # (episodes,)
        away = by_episode - mean_of_seed.mean()
        rest = values - mean_of_seed[:, None] - away  # (seeds, episodes)
        scale = share**2 * _bessel(len(share)) / scenarios**2
        of_episodes += float(away**2 @ scale)
        of_pairs += float((rest**2).sum(axis=0) @ scale) / (seeds * (seeds - 1))
    variance = max(of_seeds + of_episodes - of_pairs, of_seeds, of_episodes, least_variance)
    half = _student(variance, of_seeds, of_episodes, seeds, episodes - scenarios) * float(np.sqrt(variance))
    return SeedDifference(mean, mean - half, mean + half, seeds, episodes)


def _bessel(count: int) -> float:
    return count / (count - 1) if count > 1 else 0.0


def _student(variance: float, of_seeds: float, of_episodes: float, seeds: int, freedom_of_episodes: int) -> float:
    """Return Student's t with the degrees of freedom of a sum of variances."""
    from scipy.special import stdtrit  # slow to import

    spread = of_seeds**2 / (seeds - 1) + of_episodes**2 / max(1, freedom_of_episodes)
    freedom = variance**2 / spread if spread > TINY**2 else np.inf
    least, most = seeds - 1, seeds - 1 + max(1, freedom_of_episodes)
    return float(stdtrit(min(max(freedom, least), most), 0.975))
