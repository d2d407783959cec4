"""Success rates and their differences, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.results.codec import KEY


@dataclass(frozen=True)
class SuccessRate:
    """Success rate of a policy."""

    k: int
    """Successes."""
    n: int
    """Episodes."""
    rate: float
    """Successes per episode."""
    low: float
    """Lower end of Blaker's interval of the rate."""
    high: float
    """Upper end of Blaker's interval of the rate."""


@dataclass(frozen=True)
class PairedDifference:
    """The success rate of perturbed episodes less that of the same episodes without the perturbation."""

    baseline: str = field(metadata={KEY: "with"})
    """The perturbation of the episodes that are compared with: none."""
    n: int
    """Pairs of episodes."""
    difference: float
    """Rate after less rate before, in [-1, 1]."""
    low: float
    """Lower end of the paired interval of the difference (Newcombe 1998)."""
    high: float
    """Upper end of the paired interval of the difference."""
    lost: int
    """Episodes that succeeded only without the perturbation."""
    gained: int
    """Episodes that succeeded only with the perturbation."""


@dataclass(frozen=True)
class UnpairedDifference:
    """An estimate from some episodes less the same estimate from others."""

    difference: float
    """Second less first."""
    low: float
    """Lower end of the 95 % interval of the difference."""
    high: float
    """Upper end of the 95 % interval of the difference."""


@dataclass(frozen=True)
class SuccessByPhrase:
    """Success under instructions whose phrase stands in training, and under those whose phrase is held out from it."""

    seen: SuccessRate | None
    """None without such episodes."""
    unseen: SuccessRate | None
    """None without such episodes."""
    difference: UnpairedDifference | None
    """Unseen less seen; None without one of them."""
