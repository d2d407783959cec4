"""``agreement`` of ``summary.json``: the rankings by offline error and by success, with a result per policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sim.results.codec import FLAT, KEY, OMIT
from sim.results.summary.rates import SuccessRate

PolicyKind = Literal["contestant", "reference", "privileged"]
RANKED: PolicyKind = "contestant"  # compared with the others
REFERENCE: PolicyKind = "reference"  # lacks a sense: every policy should beat it
PRIVILEGED: PolicyKind = "privileged"  # sees the true map, so it is an upper bound


@dataclass(frozen=True)
class Ranks:
    """A policy's ranks among those that are compared: 1 is best, equal policies share a rank; None if it is not one."""

    success: int | None = None
    """By success rate."""
    mae: int | None = None
    """By offline MAE."""


@dataclass(frozen=True)
class MeanMae:
    """An offline MAE over data sets, in actions (1.0 is full speed)."""

    mean: float
    """The mean of the data sets' MAEs."""
    low: float | None
    """Lower end of its 95 % interval, over episodes; None where a data set of one episode has none."""
    high: float | None
    """Upper end of its 95 % interval, over episodes; None where ``low`` is."""
    datasets: int = field(metadata={KEY: "of"})
    """Number of data sets."""


@dataclass(frozen=True)
class BeatenBaselines:
    """The baselines whose MAE a policy beats; None where either MAE is not known."""

    constants: bool | None
    """Every constant action."""
    hold: bool | None
    """Repeating the demonstrator's previous action."""


@dataclass(frozen=True)
class PolicyResult:
    """Success and offline error of one policy."""

    policy: str
    """Its name."""
    kind: PolicyKind
    """``RANKED`` if it is compared with the others."""
    ranks: Ranks
    """Its ranks."""
    success: SuccessRate | None
    """Over all unperturbed episodes, as one binomial; None without any."""
    success_by_scenario: Mapping[str, SuccessRate | None] = field(metadata={KEY: "scenarios"})
    """The same by scenario."""
    mae: MeanMae | None
    """Over the data sets that it was scored on; None without any."""
    baselines: Mapping[str, float] | None = field(metadata={KEY: "floors"})
    """Name of a baseline -> its mean MAE over the same data sets, in actions; None without any."""
    beats: BeatenBaselines
    """The baselines that it is better than."""
    left_out: str | None
    """Reason why a ranked policy isn't compared; None for all others."""


@dataclass(frozen=True)
class LeaveOneOut:
    """The correlations that remain when one policy is left out: how much hangs on a single one."""

    lowest: float
    """The lowest, -1 to 1."""
    lowest_without: str
    """The policy that is left out there."""
    highest: float
    """The highest, -1 to 1."""
    highest_without: str
    """The policy that is left out there."""


@dataclass(frozen=True)
class RankCorrelation:
    """A rank correlation of offline MAE and success: -1 if MAE ranks policies exactly as success does."""

    value: float | None
    """The correlation, -1 to 1."""
    p_value: float | None
    """The probability of one at least as far from 0 by chance."""
    low: float | None
    """Lower end of the 95 % interval over policies; None where there is none."""
    high: float | None
    """Upper end of the 95 % interval over policies."""
    episodes_low: float | None
    """Lower end of the 95 % interval over episodes; None where there is none."""
    episodes_high: float | None
    """Upper end of the 95 % interval over episodes."""
    both_low: float | None = field(default=None, metadata={OMIT: True})
    """Lower end of the 95 % interval over policies and episodes; None where there is none."""
    both_high: float | None = field(default=None, metadata={OMIT: True})
    """Upper end of the 95 % interval over policies and episodes."""
    leave_one_out: LeaveOneOut | None = field(default=None, metadata={OMIT: True})
    """The extremes when one policy is left out; None with fewer than four, or in results of an early version."""


@dataclass(frozen=True)
class PairCounts:
    """Pairs of policies whose success differs, and how many of them offline MAE orders in the same way."""

    apart: int
    """Those with a p value below 0.05: McNemar's mid-p test over the same episodes."""
    same: int
    """Of these, those that MAE orders the same way."""
    opposite: int
    """Of these, those that MAE orders the opposite way."""
    tied: int
    """Of these, those of equal MAE."""
    share: float | None
    """``same`` / ``apart``, 0 to 1; None where ``apart`` is 0."""
    low: float | None
    """Lower end of the share's 95 % interval over episodes; None where there is none."""
    high: float | None
    """Upper end of the share's 95 % interval over episodes."""


@dataclass(frozen=True)
class PairAgreement:
    """Number of pairs of policies that offline MAE orders in the same way as success."""

    pairs: int
    """All pairs of policies that are compared."""
    alone: PairCounts = field(metadata={FLAT: True})
    """Those whose success differs, each pair by itself."""
    corrected: PairCounts | None = field(default=None, metadata={OMIT: True})
    """Those whose success differs even if one corrects by Holm for all pairs; None in results of an early version."""


@dataclass(frozen=True)
class ScenarioAgreement:
    """Spearman's rho of offline MAE and success in one scenario."""

    scenario: str
    """Its name."""
    policies: int
    """Number of policies that are compared."""
    spearman: float | None
    """The correlation, -1 to 1; None with too few policies, or where one side doesn't vary."""
    p_value: float | None
    """The probability of one at least as far from 0 by chance."""
    low: float | None
    """Lower end of the 95 % interval over policies; None where there is none."""
    high: float | None
    """Upper end of the 95 % interval over policies."""
    leave_one_out: LeaveOneOut | None = field(default=None, metadata={OMIT: True})
    """The extremes when one policy is left out; None with fewer than four, or in results of an early version."""
    networks: int | None = field(default=None, metadata={OMIT: True})
    """Number of distinct networks among the policies; None in results of an early version."""
    distinct_spearman: float | None = field(default=None, metadata={OMIT: True})
    """The correlation over distinct networks; None with too few, or where one side doesn't vary."""


@dataclass(frozen=True)
class RelatedPolicies:
    """Policies that are not independent of each other."""

    policies: tuple[str, ...]
    """Names. Of copies, the first counts as a distinct network; a mixture, named first, doesn't."""
    relation: Literal["same weights", "same drives", "mixture"]
    """"same weights": of equal hash; "same drives": equal digests in every episode that they share; "mixture": the
    first averages the actions of the others, or of a network that the others average, too."""


@dataclass(frozen=True)
class DistinctAgreement:
    """Agreement of the two rankings over distinct networks: without copies, and without mixtures of others."""

    networks: int
    """Number of distinct networks."""
    policies: tuple[str, ...]
    """Their names."""
    related: tuple[RelatedPolicies, ...]
    """The groups of policies that are related."""
    spearman: RankCorrelation | None
    """Spearman's rho over distinct networks; None with too few."""
    kendall: RankCorrelation | None
    """Kendall's tau-b over distinct networks; None with too few."""


@dataclass(frozen=True)
class RankAgreement:
    """Agreement of the two rankings of the policies that are compared."""

    policies: int
    """Number of policies."""
    reason: str | None
    """Reason why there is no correlation, or no interval over policies; None where there are both."""
    spearman: RankCorrelation | None
    """Spearman's rho."""
    kendall: RankCorrelation | None
    """Kendall's tau-b."""
    pairs: PairAgreement | None
    """The pairs in order; None with fewer than two policies."""
    episodes_reason: str | None = field(default=None, metadata={OMIT: True})
    """Reason why there is no interval over episodes; None where there is one, or no correlation."""
    distinct: DistinctAgreement | None = field(default=None, metadata={OMIT: True})
    """The same over distinct networks; None in results of an early version."""


@dataclass(frozen=True)
class Agreement:
    """``agreement`` of ``summary.json``."""

    question: str
    """The question that it answers."""
    rows: tuple[PolicyResult, ...]
    """A result per policy, the best success first, of equal ones the lower MAE."""
    ranking: RankAgreement = field(metadata={FLAT: True})
    """Agreement of the two rankings."""
    scenarios: tuple[ScenarioAgreement, ...]
    """The same in each scenario."""
