"""Whether offline error ranks policies as success does: a result per policy, and what the two rankings come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sim.results.codec import FLAT, KEY
from sim.results.rates import SuccessRate

PolicyKind = Literal["contestant", "reference", "privileged"]
RANKED: PolicyKind = "contestant"  # compared with the others
REFERENCE: PolicyKind = "reference"  # looks at no frame, and is there to be beaten
PRIVILEGED: PolicyKind = "privileged"  # sees the true map, so it is an upper bound


@dataclass(frozen=True)
class Ranks:
    """A policy's places among those that are compared: 1 is best, equal ones share a place; None if it is not."""

    success: int | None = None
    """By success rate."""
    mae: int | None = None
    """By offline MAE."""


@dataclass(frozen=True)
class MeanMae:
    """An offline MAE over data sets, in actions (1.0 is full speed)."""

    mean: float
    """The mean of the data sets' MAEs."""
    low: float
    """Lower end of its 95 % interval, over episodes."""
    high: float
    """Upper end of its 95 % interval, over episodes."""
    datasets: int = field(metadata={KEY: "of"})
    """How many data sets it is the mean of."""


@dataclass(frozen=True)
class BeatenBaselines:
    """Which baselines a policy's MAE is below; None where either is not known."""

    constants: bool | None
    """Every constant action."""
    hold: bool | None
    """Repeating the demonstrator's previous action."""


@dataclass(frozen=True)
class PolicyResult:
    """What one policy came to, in success and in offline error."""

    policy: str
    """Its name."""
    kind: PolicyKind
    """Whether it is compared with the others, or stands there for reference."""
    ranks: Ranks
    """Its places."""
    success: SuccessRate | None
    """Over all unperturbed episodes, taken as one binomial; None without any."""
    success_by_scenario: Mapping[str, SuccessRate | None] = field(metadata={KEY: "scenarios"})
    """The same by scenario."""
    mae: MeanMae | None
    """Over the data sets that it was scored on; None without any."""
    baselines: Mapping[str, float] | None = field(metadata={KEY: "floors"})
    """Name of a baseline -> its mean MAE over the same data sets, in actions; None without any."""
    beats: BeatenBaselines
    """Which of them it is better than."""
    left_out: str | None
    """Why it isn't compared although it would be; None if it is, or never would be."""


@dataclass(frozen=True)
class RankCorrelation:
    """A rank correlation of offline MAE and success: -1 where MAE ranks policies as success does, 0 not at all."""

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


@dataclass(frozen=True)
class PairAgreement:
    """How many pairs of policies offline MAE orders as success does."""

    pairs: int
    """All pairs of policies that are compared."""
    apart: int
    """Those whose success differs: the 95 % interval of the paired difference excludes 0."""
    same: int
    """Of these, those that MAE orders the same way."""
    opposite: int
    """Of these, those that MAE orders the opposite way."""
    tied: int
    """Of these, those of equal MAE."""
    share: float | None
    """``same`` / ``apart``, 0 to 1; None where success tells no pair apart."""
    low: float | None
    """Lower end of the share's 95 % interval over episodes."""
    high: float | None
    """Upper end of the share's 95 % interval over episodes."""


@dataclass(frozen=True)
class ScenarioAgreement:
    """Spearman's rho of offline MAE and success in one scenario."""

    scenario: str
    """Its name."""
    policies: int
    """How many policies are compared."""
    spearman: float | None
    """The correlation, -1 to 1; None with too few policies, or where one side doesn't vary."""
    p_value: float | None
    """The probability of one at least as far from 0 by chance."""
    low: float | None
    """Lower end of the 95 % interval over policies; None where there is none."""
    high: float | None
    """Upper end of the 95 % interval over policies."""


@dataclass(frozen=True)
class RankAgreement:
    """What the two rankings of the policies that are compared come to."""

    policies: int
    """How many there are."""
    reason: str | None
    """Why there is no correlation, or no interval over policies; None where there are both."""
    spearman: RankCorrelation | None
    """Spearman's rho."""
    kendall: RankCorrelation | None
    """Kendall's tau-b."""
    pairs: PairAgreement | None
    """The pairs in order; None with fewer than two policies."""


@dataclass(frozen=True)
class Agreement:
    """``agreement`` of ``summary.json``."""

    question: str
    """What it answers, in words."""
    rows: tuple[PolicyResult, ...]
    """A result per policy, the best success first, of equal ones the lower MAE."""
    ranking: RankAgreement = field(metadata={FLAT: True})
    """What the two rankings come to."""
    scenarios: tuple[ScenarioAgreement, ...]
    """The same question in each scenario alone."""
