"""Agreement of the rankings by offline error and by success: rank correlations, and pairs in the same order.

There are three kinds of interval. Over policies (``low``, ``high``): the uncertainty from the choice of policies. Over
episodes (``episodes_low``, ``episodes_high``): the uncertainty from the choice of episodes, for these policies; the
episodes of each scenario are resampled, the same ones for all policies, as all drove in the same scenes, and likewise
whole episodes of each data set. Over both (``both_low``, ``both_high``). ``sim.statistics`` names the sources.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.leave_one_out import leave_each_out
from sim.analysis.pairs_in_order import count_pairs_in_order
from sim.analysis.policy_comparison import PolicyComparison
from sim.analysis.related_policies import select_distinct
from sim.results.summary.agreement import (
    DistinctAgreement,
    LeaveOneOut,
    RankAgreement,
    RankCorrelation,
    RelatedPolicies,
)
from sim.statistics.correlation import MIN_PAIRS, CorrelationEstimate, correlate_rows, kendall, spearman
from sim.statistics.intervals import Interval
from sim.statistics.rank_intervals import combine_intervals, correlation_interval

MIN_POLICIES = 3  # two policies are in either order by chance half of the time
TOO_FEW_REASONS = (
    "no policy has completed all of its episodes and has an offline MAE",
    "only one policy can be ranked",
    "only two policies can be ranked, and chance alone orders them correctly half of the time",
)
THREE_POLICIES_REASON = (
    "with three policies, chance alone orders them correctly one time in six, so there is no interval over policies"
)
FOUR_POLICIES_REASON = (
    f"with four policies, an interval over policies would contain nearly everything; it needs {MIN_PAIRS['spearman']}"
)
ALL_EQUAL_REASON = "all compared policies have the same success rate, or the same MAE"


def measure_rank_agreement(compared: PolicyComparison, related: Sequence[RelatedPolicies] = ()) -> RankAgreement:
    """Correlate the two rankings, and count the pairs of policies that they order alike.

    Args:
        compared: The policies.
        related: Groups of them that are related.
    """
    pairs = count_pairs_in_order(compared) if compared.size >= 2 else None
    reason, distinct = explain_no_correlation(compared), _compare_distinct(compared, related)
    if reason is not None:
        return RankAgreement(compared.size, reason, None, None, pairs, distinct=distinct)
    rho, tau = correlate_policies(compared)
    few = {MIN_POLICIES: THREE_POLICIES_REASON, MIN_POLICIES + 1: FOUR_POLICIES_REASON}
    return RankAgreement(
        policies=compared.size,
        reason=few.get(compared.size),
        spearman=rho,
        kendall=tau,
        pairs=pairs,
        episodes_reason=compared.explain_no_episode_interval(),
        distinct=distinct,
    )


def explain_no_correlation(compared: PolicyComparison) -> str | None:
    """Return why there is no rank correlation; None if there is one."""
    if compared.size < MIN_POLICIES:
        return TOO_FEW_REASONS[compared.size]
    return ALL_EQUAL_REASON if min(len(set(compared.errors)), len(set(compared.rates))) == 1 else None


def correlate_policies(compared: PolicyComparison) -> tuple[RankCorrelation, RankCorrelation]:
    """Compute Spearman's rho and Kendall's tau-b of three policies or more, with their intervals."""
    errors, rates = compared.errors.tolist(), compared.rates.tolist()
    over_episodes: list[Interval | None] = [None, None]
    estimates = spearman(errors, rates), kendall(errors, rates)
    if compared.explain_no_episode_interval() is None:
        resampled = correlate_rows(compared.resampled_errors, compared.resampled_rates)
        over_episodes = [
            None
            if found.value is None
            else correlation_interval(
                found.value, draws, reliability=compared.reliability, episodes=min(compared.driven, compared.recorded)
            )
            for found, draws in zip(estimates, resampled, strict=True)
        ]
    without = leave_each_out(compared.labels, errors, rates)
    rho, tau = (_gather(*each) for each in zip(estimates, over_episodes, without, strict=True))
    return rho, tau


def _gather(found: CorrelationEstimate, episodes: Interval | None, without: LeaveOneOut | None) -> RankCorrelation:
    both = None
    if found.value is not None and found.low is not None and found.high is not None and episodes is not None:
        both = combine_intervals(found.value, Interval(found.low, found.high), episodes)
    low, high = episodes or (None, None)
    both_low, both_high = both or (None, None)
    return RankCorrelation(*found, low, high, both_low, both_high, without)


def _compare_distinct(compared: PolicyComparison, related: Sequence[RelatedPolicies]) -> DistinctAgreement:
    """Correlate the rankings over distinct networks; over all policies, where none are related."""
    kept = compared.select(select_distinct(compared.labels, related))
    rho, tau = (None, None) if explain_no_correlation(kept) is not None else correlate_policies(kept)
    return DistinctAgreement(kept.size, tuple(kept.labels), tuple(related), rho, tau)
