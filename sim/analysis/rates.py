"""Estimates of success rates and their differences, with 95 % intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sim.results.plan import UNPERTURBED
from sim.results.rates import PairedDifference, SuccessRate
from sim.statistics.exact import success_interval
from sim.statistics.intervals import paired_difference


def estimate_success(successes: Sequence[bool]) -> SuccessRate:
    """Estimate the success rate over one episode or more, with Blaker's interval."""
    k, n = sum(successes), len(successes)
    low, high = success_interval(successes=k, trials=n)
    return SuccessRate(k, n, k / n, low, high)


def compare_paired(pairs: Iterable[tuple[bool, bool]]) -> PairedDifference | None:
    """Estimate the effect of a perturbation from successes (before, after) of the same episodes; None without any."""
    counts = Counter(pairs)
    if not counts:
        return None
    gained, lost = counts[False, True], counts[True, False]
    found = paired_difference(both=counts[True, True], gained=gained, lost=lost, neither=counts[False, False])
    return PairedDifference(UNPERTURBED, counts.total(), *found, lost=lost, gained=gained)
