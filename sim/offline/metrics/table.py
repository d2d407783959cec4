"""Printed scores by offline metrics on one data set: a row per metric, a column per policy, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from sim.console.columns import MEDIUM, Column, fit_columns, make_table
from sim.console.console import print_plain_line
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.score import ContestEntry, MetricScore


def print_contest(title: str, entries: Sequence[ContestEntry], console: Console) -> None:
    """Print the scores of policies on one data set.

    Args:
        title: Name of the data set.
        entries: Scores by the same metrics, at least one entry.
        console: The console to print to.
    """
    print_plain_line(console, f"\noffline metrics on {title}: means over episodes, with 95 % intervals over episodes\n")
    metrics = entries[0].scores
    columns = [Column("metric", [_name(score) for score in metrics], justify="left")]
    for entry in entries:
        columns.append(Column(entry.policy, [_format_value(score) for score in entry.scores]))
    columns.append(Column("better", [score.better for score in metrics], 1))
    columns.append(Column("frames + renders + steps", [_format_counts(score.cost) for score in metrics], 2))
    columns.append(Column("s", [f"{score.cost.seconds:.1f}" for score in metrics], 3))
    fitted = fit_columns(columns, console.width, (MEDIUM,))
    console.print(make_table(fitted, [""] * len(metrics)))
    for line in list_reasons(entries):
        print_plain_line(console, line)


def list_reasons(entries: Sequence[ContestEntry]) -> list[str]:
    """Say which metrics aren't available, and why; those with one reason share a line."""
    by_reason: dict[str, list[str]] = {}
    for entry in entries:
        for score in entry.scores:
            if score.unavailable is not None:
                reason = f"{entry.policy}: {score.unavailable}" if len(entries) > 1 else score.unavailable
                by_reason.setdefault(reason, []).append(score.metric)
    return [f"not available: {', '.join(names)} ({reason})" for reason, names in by_reason.items()]


def _name(score: MetricScore) -> str:
    return f"{score.metric} ({score.unit})" if score.unit else score.metric


def _format_value(score: MetricScore) -> str:
    if score.value is None:
        return "-"
    interval = "" if score.low is None or score.high is None else f" ({score.low:.3f} to {score.high:.3f})"
    kept = "" if score.kept is None else f" of {100 * score.kept:.0f} %"
    return f"{score.value:.3f}{interval}{kept}"


def _format_counts(cost: Cost) -> str:
    return f"{cost.frames} + {cost.renders} + {cost.steps}"
