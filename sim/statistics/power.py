"""How many policies or episodes it would take: power computations by formula."""

from __future__ import annotations

import math
from statistics import NormalDist

from sim.statistics.intervals import Z_95

Z_POWER = 0.8416212335729143  # the 80th percentile of the normal distribution: found in four of five cases


def policies_for_correlation(rho: float, *, reliability: float = 1.0, design_effect: float = 1.0) -> int:
    """Compute how many policies it takes to tell a rank correlation from 0 in four of five cases, at 5 %.

    Fisher's z with the variance (1 + rho^2 / 2) / (n - 3) of Bonett and Wright 2000, "Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations" (Psychometrika 65:23).

    Args:
        rho: The correlation that very many episodes would give, not 0.
        reliability: The product of both sides' reliability, above 0: few episodes weaken a correlation by its root.
        design_effect: How many times the variance is that of as many unrelated policies (Kish 1965, "Survey Sampling").
    """
    if not 0.0 < abs(rho) < 1.0 or not 0.0 < reliability <= 1.0 or design_effect < 1.0:
        raise ValueError(f"no power for rho {rho}, reliability {reliability}, design effect {design_effect}")
    seen = rho * math.sqrt(reliability)
    unrelated = (1.0 + seen**2 / 2.0) * ((Z_95 + Z_POWER) / math.atanh(seen)) ** 2
    return math.ceil(3.0 + design_effect * unrelated)


def episodes_for_reliability(episodes: int, reliability: float, *, wanted: float) -> int | None:
    """Compute how many episodes it takes for a wanted reliability, given that of some; None if there is no end.

    Spearman 1910 and Brown 1910 (British Journal of Psychology 3:271 and 3:296).

    Args:
        episodes: Number of episodes that the reliability is of.
        reliability: 0 to 1.
        wanted: Above 0, below 1.
    """
    if reliability <= 0.0:
        return None
    return math.ceil(episodes * wanted * (1.0 - reliability) / (reliability * (1.0 - wanted)))


def episodes_for_difference(one: float, other: float, *, tests: int = 1) -> int | None:
    """Compute how many episodes of each it takes to tell two success rates apart in four of five cases, at 5 %.

    The test of two independent proportions (Fleiss, Levin and Paik 2003, "Statistical Methods for Rates and
    Proportions", section 4.2, without correction for continuity); equal episodes for both take fewer. None for equal
    rates.

    Args:
        one: Success rate, 0 to 1.
        other: The other one.
        tests: Number of pairs that are tested together, by Bonferroni's correction.
    """
    if one == other:
        return None
    middle = (one + other) / 2.0
    z = Z_95 if tests == 1 else NormalDist().inv_cdf(1.0 - 0.025 / tests)
    alike = z * math.sqrt(2.0 * middle * (1.0 - middle))
    differing = Z_POWER * math.sqrt(one * (1.0 - one) + other * (1.0 - other))
    return math.ceil((alike + differing) ** 2 / (one - other) ** 2)
