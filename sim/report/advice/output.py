"""The printed advice."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console

from policies.systems.table import SYSTEMS
from sim.analysis.rates import compare_paired
from sim.console.columns import MEDIUM, WIDE, Column, fit_columns, list_legends, make_table
from sim.console.console import print_plain_line, standard_console
from sim.console.formatting import format_count, format_difference, format_rate
from sim.report.advice.candidates import Candidate
from sim.report.advice.recommendation import Recommendation
from sim.results.plan import UNPERTURBED
from sim.results.summary.rates import PairedDifference

RIVALS_LEGEND = (
    "policies that the data can't tell from it (McNemar's test of equal episodes, Holm-corrected), each with its "
    "success less that of the recommended one, in points"
)
SIZE_LEGEND = "of the weights in float32; a dash if their number isn't known"
MOST_RIVALS = 4
REASON_WIDTH = 36  # characters
NEVER = (
    "Never recommended: policies that see the true world, references that lack a sense (zero, blind, wordless and "
    "such), and policies without a single success."
)
AGAIN = (
    "Each recommended one is the best of several on these very episodes, so expect less on others: drive it again with "
    "another --seed."
)


def print_advice(
    found: Sequence[Recommendation],
    candidates: Sequence[Candidate],
    notes: Sequence[str],
    console: Console | None = None,
) -> None:
    """Print what is recommended for each need.

    Args:
        found: Of each need.
        candidates: The policies that could be recommended.
        notes: More lines for the end.
        console: The console to print to; standard output by default.
    """
    console = console or standard_console()
    fitted = fit_columns(make_advice_columns(found), console.width, (WIDE, MEDIUM))
    console.print(make_table(fitted, [""] * len(found), vertical="top"))
    lines = [*list_legends(fitted), *notes, *member_lines(candidates), *epoch_lines(candidates), NEVER, AGAIN]
    for line in lines:
        print_plain_line(console, line)


def make_advice_columns(found: Sequence[Recommendation]) -> list[Column]:
    """Make the columns, with a line per need."""
    return [
        Column("need", [each.need.name for each in found], justify="left"),
        Column("limits", [describe_limits(each) or "-" for each in found], 2, justify="left"),
        Column("policy", [each.policy.name if each.policy else "none" for each in found], justify="left", style="bold"),
        Column("success", [format_count(each.success) for each in found]),
        Column("rate (95 %)", ["-" if each.success is None else format_rate(each.success) for each in found]),
        Column("size", [format_size(each.policy) for each in found], 3, legend=SIZE_LEGEND),
        Column("latency", [format_latency(each.policy) for each in found], 4),
        Column(
            "of",
            [str(each.considered) for each in found],
            5,
            legend="policies that keep the limits, drove all episodes and succeeded at least once",
        ),
        Column("not told apart", [format_rivals(each) for each in found], justify="left", legend=RIVALS_LEGEND),
    ]


def describe_limits(found: Recommendation) -> str:
    """Describe what a policy had to keep, and where: in the scenarios that counted."""
    need = found.need
    return f"in {' and '.join(found.scenarios or need.scenarios)}" if need.scenarios else need.limits


def format_size(candidate: Candidate | None) -> str:
    """Format the size of a policy's weights."""
    return "-" if candidate is None or candidate.size_mb is None else f"{candidate.size_mb:.1f} MB"


def format_latency(candidate: Candidate | None) -> str:
    """Format an inference time in ms."""
    if candidate is None or candidate.latency_s is None:
        return "-"
    return f"{1000.0 * candidate.latency_s:.1f} ms"


def format_rivals(found: Recommendation) -> str:
    """List the policies that can't be told from the recommended one, a line each; or why there is none."""
    if found.policy is None:
        return "\n".join(textwrap.wrap(found.reason, REASON_WIDTH))
    lines = [f"{rival.name} {format_points(rival.difference)}" for rival in found.rivals[:MOST_RIVALS]]
    more = len(found.rivals) - MOST_RIVALS
    nothing = "none" if found.considered > 1 else "it is the only one"
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])]) or nothing


def format_points(found: PairedDifference | None) -> str:
    """Format a difference of success in points, without its interval: that isn't corrected for several policies."""
    return "-" if found is None else f"{round(100 * found.difference):+d}"


def member_lines(candidates: Sequence[Candidate]) -> list[str]:
    """Compare each mixture with its best member under perturbations, where the run has both."""
    by_name, lines = {each.name: each for each in candidates}, []
    for mixture in candidates:
        members = [by_name[name] for name in mixture.facts.members if name in by_name]
        keys = [key for key in mixture.success if key[1] != UNPERTURBED]
        members = [member for member in members if keys and set(keys) <= member.success.keys()]
        if members:
            best = max(members, key=lambda member: sum(member.success[key] for key in keys))
            found = compare_paired((best.success[key], mixture.success[key]) for key in keys)
            lines.append(
                f"{mixture.name} less its best member here, {best.name}, under perturbations: "
                f"{format_difference(found)} points"
            )
    return lines


def epoch_lines(candidates: Sequence[Candidate]) -> list[str]:
    """Compare systems that differ in epochs alone, where the run has both."""
    by_name, lines = {each.name: each for each in candidates}, []
    for longer in candidates:
        row = SYSTEMS.get(longer.name)
        shorter = by_name.get(f"{longer.name}-3")
        if row is None or shorter is None or shorter.name not in SYSTEMS:
            continue
        keys = [key for key in longer.success if key[1] == UNPERTURBED and key in shorter.success]
        if not keys:
            continue
        found = compare_paired((shorter.success[key], longer.success[key]) for key in keys)
        lines.append(
            f"{longer.name}: {row.epochs} epochs less {SYSTEMS[shorter.name].epochs}: {format_difference(found)} points"
        )
    return lines
