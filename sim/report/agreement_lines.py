"""Lines that say whether offline error ranks the policies as success does."""

from __future__ import annotations

from collections.abc import Sequence

from sim.console.formatting import format_signed
from sim.results.summary.agreement import (
    DistinctAgreement,
    LeaveOneOut,
    PairAgreement,
    RankCorrelation,
    RelatedPolicies,
    ScenarioAgreement,
)
from sim.results.summary.summary import Summary

RELATIONS = {"same weights": "have the same weights", "same drives": "drive alike in every episode"}


def agreement_lines(summary: Summary) -> list[str]:
    """Say whether offline error ranks the policies as success does, with the correlations."""
    found = summary.agreement.ranking
    if found.spearman is None or found.kendall is None:
        lines = [f"no rank correlation between MAE and success: {found.reason}"]
    else:
        lines = [
            f"Spearman correlation of MAE and success over {found.policies} policies: "
            f"{format_correlation(found.spearman)}; "
            f"Kendall's tau-b: {format_value(found.kendall.value)} (-1: MAE ranks them exactly as success does)",
            *leave_one_out_lines(found.spearman.leave_one_out),
            *(reason for reason in (found.reason, found.episodes_reason) if reason),
        ]
    lines += [] if found.distinct is None else distinct_lines(found.distinct)
    lines += [] if found.pairs is None else [pair_line(found.pairs)]
    return [*lines, *scenario_lines(summary.agreement.scenarios)]


def format_correlation(found: RankCorrelation) -> str:
    """Format a correlation with all of its intervals."""
    intervals = (
        ("over policies", found.low, found.high),
        ("over episodes", found.episodes_low, found.episodes_high),
        ("over both", found.both_low, found.both_high),
    )
    parts = [
        f"{format_signed(low)} to {format_signed(high)} {what}"
        for what, low, high in intervals
        if low is not None and high is not None
    ]
    return format_value(found.value) + (f" (95 %: {', '.join(parts)})" if parts else "")


def format_value(correlation: float | None) -> str:
    """Format a correlation; a dash where there is none."""
    return "-" if correlation is None else format_signed(correlation)


def leave_one_out_lines(found: LeaveOneOut | None) -> list[str]:
    """Say how much the correlation hangs on a single policy."""
    if found is None:
        return []
    lowest, highest = format_signed(found.lowest), format_signed(found.highest)
    if lowest == highest:
        return [f"without any one policy it is {lowest}"]
    return [
        f"without one policy it lies between {lowest} (without {found.lowest_without}) and "
        f"{highest} (without {found.highest_without})"
    ]


def distinct_lines(found: DistinctAgreement) -> list[str]:
    """Say how many of the policies are distinct networks, and the correlation over these; nothing if all are."""
    if not found.related:
        return []
    rho = "" if found.spearman is None else f": Spearman {format_correlation(found.spearman)}"
    count = (
        f"{found.networks} of them are distinct networks" if found.networks != 1 else "1 of them is a distinct network"
    )
    return [f"{count}{rho}", *map(_describe_relation, found.related)]


def _describe_relation(group: RelatedPolicies) -> str:
    if group.relation == "mixture":
        mixture, *others = group.policies
        return f"{mixture} is a mixture related to {', '.join(others)}"
    return f"{', '.join(group.policies)} {RELATIONS[group.relation]}"


def pair_line(pairs: PairAgreement) -> str:
    """Say how many pairs of policies MAE orders in the same way as success."""
    counted, how, alone = pairs.alone, "", ""
    if pairs.corrected is not None:
        counted, how, alone = pairs.corrected, " (Holm)", f" ({pairs.alone.apart} of them each pair by itself)"
    line = f"success differs significantly{how} in {counted.apart} of {pairs.pairs} pairs of policies{alone}"
    if counted.share is None:
        return line
    line += f"; MAE orders {counted.same} of these {counted.apart} the same way: {100 * counted.share:.0f} %"
    if counted.low is None or counted.high is None:
        return line
    return f"{line} (95 %: {100 * counted.low:.0f} to {100 * counted.high:.0f} % over episodes)"


def scenario_lines(scenarios: Sequence[ScenarioAgreement]) -> list[str]:
    """List the correlation in each scenario, over distinct networks where these are fewer than the policies."""
    ranked = [_format_scenario(each) for each in scenarios if each.spearman is not None]
    return [f"Spearman by scenario: {', '.join(ranked)}"] if len(scenarios) > 1 and ranked else []


def _format_scenario(found: ScenarioAgreement) -> str:
    value = f"{found.scenario} {format_value(found.spearman)}"
    if found.networks is None or found.networks == found.policies or found.distinct_spearman is None:
        return value
    return f"{value} ({format_signed(found.distinct_spearman)} over {found.networks} distinct networks)"
