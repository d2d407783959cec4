"""Success rates, their differences and their floors, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
    """Lower end of the paired interval of the difference (Bonett and Price 2012)."""
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


Sense = Literal["images", "words"]


@dataclass(frozen=True)
class ReferenceRate:
    """Success rate of a reference that lacks a sense: every policy should beat it."""

    policy: str
    """Its name."""
    lacks: tuple[Sense, ...]
    """What it doesn't take: "images", "words" or both."""
    success: SuccessRate
    """Over unperturbed episodes."""
    driven: bool
    """True if it drove in this run; False if its figures were measured before and come with the package."""


@dataclass(frozen=True)
class SuccessFloor:
    """The success in one scenario of references that lack a sense."""

    scenario: str
    """Name, or file as it was typed."""
    references: tuple[ReferenceRate, ...]
    """Empty where nothing is known: for scenarios and ranges other than those that were measured."""

    def best_without(self, sense: Sense) -> ReferenceRate | None:
        """Return the most successful reference that lacks a sense; None if none was measured."""
        lacking = [each for each in self.references if sense in each.lacks]
        return max(lacking, key=lambda each: each.success.rate, default=None)
