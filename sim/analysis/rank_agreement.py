"""Agreement of the rankings by offline error and by success: rank correlations, and pairs in the same order.

There are two kinds of interval. Over policies (``low``, ``high``): the uncertainty from the choice of policies, by
Fisher's z. Over episodes (``episodes_low``, ``episodes_high``): the uncertainty from the choice of episodes, for these
policies; a percentile bootstrap that resamples the episodes of each scenario, the same ones for all policies, as all
drove in the same scenes, and likewise whole episodes of each data set. Resampling adds the noise of few episodes a
second time, so this interval is biased towards 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from scenarios.common.seeding import make_generator
from sim.results.agreement import PairAgreement, RankAgreement, RankCorrelation
from sim.results.offline_score import OfflineScore
from sim.statistics.bootstrap import RESAMPLES, percentile_interval, resample_counts
from sim.statistics.correlation import CorrelationEstimate, correlate_rows, kendall, spearman
from sim.statistics.intervals import Z_95, paired_difference

MIN_POLICIES = 3  # two policies are in either order by chance half of the time
TOO_FEW_REASONS = (
    "no policy has completed all of its episodes and has an offline MAE",
    "only one policy can be ranked",
    "only two policies can be ranked, and chance alone orders them correctly half of the time",
)
THREE_POLICIES_REASON = (
    "with three policies, chance alone orders them correctly one time in six, so there is no interval over policies"
)
ALL_EQUAL_REASON = "all compared policies have the same success rate, or the same MAE"


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


def _resample_mae(scores: Sequence[OfflineScore], rng: np.random.Generator) -> np.ndarray:
    """(r, policies) the MAE on one data set.

    From the MAE of each episode where the scores have it. Otherwise from their intervals, as if each policy had been
    scored on different episodes, which makes the interval wider.
    """
    by_episode = [score.episode_mae for score in scores if score.episode_mae is not None]
    if len(by_episode) < len(scores):
        errors = [score.require_errors() for score in scores]
        deviations = [(each.high - each.low) / (2.0 * Z_95) for each in errors]
        return rng.normal([each.mae for each in errors], deviations, (RESAMPLES, len(errors)))
    counts = resample_counts(len(by_episode[0]), rng)  # (r, episodes)
    frames = counts * np.array(scores[0].episode_frames, np.float64)
    means: np.ndarray = (frames @ np.array(by_episode).T) / frames.sum(axis=1, keepdims=True)
    return means


def measure_rank_agreement(compared: PolicyComparison) -> RankAgreement:
    """Correlate the two rankings, and count the pairs of policies that they order alike."""
    pairs = _count_pairs(compared) if compared.size >= 2 else None
    reason = explain_no_correlation(compared)
    if reason is not None:
        return RankAgreement(compared.size, reason, None, None, pairs)
    resampled_rho, resampled_tau = correlate_rows(compared.resampled_errors, compared.resampled_rates)
    errors, rates = compared.errors.tolist(), compared.rates.tolist()
    return RankAgreement(
        policies=compared.size,
        reason=THREE_POLICIES_REASON if compared.size == MIN_POLICIES else None,
        spearman=_add_episode_interval(spearman(errors, rates), resampled_rho),
        kendall=_add_episode_interval(kendall(errors, rates), resampled_tau),
        pairs=pairs,
    )


def explain_no_correlation(compared: PolicyComparison) -> str | None:
    """Return why there is no rank correlation; None if there is one."""
    if compared.size < MIN_POLICIES:
        return TOO_FEW_REASONS[compared.size]
    return ALL_EQUAL_REASON if min(len(set(compared.errors)), len(set(compared.rates))) == 1 else None


def _add_episode_interval(found: CorrelationEstimate, resampled: np.ndarray) -> RankCorrelation:
    defined = resampled[np.isfinite(resampled)]  # where all succeed equally often, there is none
    low, high = percentile_interval(defined) if len(defined) else (None, None)
    return RankCorrelation(*found, episodes_low=low, episodes_high=high)


def _count_pairs(compared: PolicyComparison) -> PairAgreement:
    every, won = list(combinations(range(compared.size), 2)), np.concatenate(compared.successes)
    apart = [(one, other) for one, other in every if _differ_significantly(won[:, one], won[:, other])]
    kept = Counter(_order_agreement(compared.errors[None], compared.rates[None], apart)[0].tolist())
    resampled = _order_agreement(compared.resampled_errors, compared.resampled_rates, apart)
    low, high = percentile_interval((resampled > 0).mean(axis=1)) if apart else (None, None)
    return PairAgreement(
        pairs=len(every),
        apart=len(apart),
        same=kept[1.0],
        opposite=kept[-1.0],
        tied=kept[0.0],
        share=kept[1.0] / len(apart) if apart else None,
        low=low,
        high=high,
    )


def _differ_significantly(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether the interval of the difference of two success rates, over the same episodes, excludes 0."""
    both, lost, gained = int((one & other).sum()), int((one & ~other).sum()), int((~one & other).sum())
    found = paired_difference(both=both, gained=gained, lost=lost, neither=len(one) - both - lost - gained)
    return found.low > 0.0 or found.high < 0.0


def _order_agreement(errors: np.ndarray, rates: np.ndarray, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """(r, pairs) 1 where the lower of two MAEs goes with more success, -1 where with less, 0 where two are equal."""
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    order: np.ndarray = np.sign(errors[:, one] - errors[:, other]) * np.sign(rates[:, other] - rates[:, one])
    return order
