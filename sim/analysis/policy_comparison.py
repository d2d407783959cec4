"""Policies that are compared: success and offline error of each, and the same over resampled episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.common.seeding import make_generator
from sim.results.summary.offline_score import OfflineScore, PolicyErrors
from sim.statistics.bootstrap import RESAMPLES, resample_counts
from sim.statistics.intervals import Z_95
from sim.statistics.rank_intervals import explain_no_episode_interval, measure_reliability


@dataclass(frozen=True)
class PolicyComparison:
    """Policies that drove the same episodes and were scored on the same recordings."""

    successes: Sequence[np.ndarray]
    """Per scenario (episodes, policies), True for a success."""
    scores: Sequence[Sequence[OfflineScore]]
    """Per data set, the policies' scores; none of them failed."""

    @property
    def size(self) -> int:
        """Number of policies."""
        return len(self.scores[0]) if self.scores else 0

    @property
    def labels(self) -> tuple[str, ...]:
        """The policies' names."""
        return tuple(score.policy for score in self.scores[0]) if self.scores else ()

    def select(self, names: Sequence[str]) -> PolicyComparison:
        """Return the comparison of some of the policies."""
        if len(names) == self.size:
            return self
        places = [place for place, name in enumerate(self.labels) if name in names]
        return PolicyComparison(
            [won[:, places] for won in self.successes], [[scores[place] for place in places] for scores in self.scores]
        )

    @property
    def driven(self) -> int:
        """Number of episodes over all scenarios."""
        return sum(len(won) for won in self.successes)

    @property
    def recorded(self) -> int:
        """Number of recorded episodes over all data sets."""
        return sum(scores[0].episodes for scores in self.scores)

    @cached_property
    def errors(self) -> np.ndarray:
        """(policies,) mean MAE over the data sets."""
        return np.mean([[score.require_errors().mae for score in scores] for scores in self.scores], axis=0)

    @cached_property
    def rates(self) -> np.ndarray:
        """(policies,) successes over all scenarios; as counts, so that equal ones are equal."""
        return np.concatenate(self.successes).sum(axis=0)

    @cached_property
    def resampled_errors(self) -> np.ndarray:
        """(r, policies) ``errors`` over resampled recorded episodes, the same ones for all policies."""
        rng = make_generator(0, "agreement: errors")
        return np.mean([_resample_mae(scores, rng) for scores in self.scores], axis=0)

    @cached_property
    def resampled_rates(self) -> np.ndarray:
        """(r, policies) ``rates`` over resampled episodes, the same ones for all policies."""
        rng = make_generator(0, "agreement: rates")
        return np.sum([resample_counts(len(won), rng) @ won.astype(np.int64) for won in self.successes], axis=0)

    @cached_property
    def reliability(self) -> float:
        """The share of the variance of both rankings that isn't noise of few episodes, 0 to 1."""
        return measure_reliability(self.errors, self.resampled_errors) * measure_reliability(
            self.rates, self.resampled_rates
        )

    def explain_no_episode_interval(self) -> str | None:
        """Return why a correlation of these policies has no interval over episodes; None if it has one."""
        return explain_no_episode_interval(driven=self.driven, recorded=self.recorded, reliability=self.reliability)


def _resample_mae(scores: Sequence[OfflineScore], rng: np.random.Generator) -> np.ndarray:
    """(r, policies) the MAE on one data set.

    From the MAE of each episode where the scores have it. Otherwise from their intervals, as if each policy had been
    scored on different episodes, which makes the interval wider.
    """
    by_episode = [score.episode_mae for score in scores if score.episode_mae is not None]
    if len(by_episode) < len(scores):
        errors = [score.require_errors() for score in scores]
        deviations = [_estimate_deviation(each) for each in errors]
        return rng.normal([each.mae for each in errors], deviations, (RESAMPLES, len(errors)))
    counts = resample_counts(len(by_episode[0]), rng)  # (r, episodes)
    frames = counts * np.array(scores[0].episode_frames, np.float64)
    means: np.ndarray = (frames @ np.array(by_episode).T) / frames.sum(axis=1, keepdims=True)
    return means


def _estimate_deviation(errors: PolicyErrors) -> float:
    """The standard deviation of an MAE by its interval; 0 without one."""
    if errors.low is None or errors.high is None:
        return 0.0
    return (errors.high - errors.low) / (2.0 * Z_95)
