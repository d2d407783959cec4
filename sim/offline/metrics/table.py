"""Printed scores by offline metrics on one data set: values, then what each is, costs, and comes from."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from sim.console.columns import MEDIUM, Column, fit_columns, make_table
from sim.console.console import print_plain_line
from sim.offline.metrics.score import FEWEST_EPISODES, ContestEntry, MetricScore


def print_contest(title: str, entries: Sequence[ContestEntry], console: Console) -> None:
    """Print the scores of policies on one data set.

    Args:
        title: Name of the data set.
        entries: Scores by the same metrics, at least one entry.
        console: The console to print to.
    """
    scores = [score for entry in entries for score in entry.scores if score.value is not None]
    told = ""
    if any(score.low is not None for score in scores):
        told = ", with 95 % intervals over episodes"
    elif scores and max(len(score.episodes) for score in scores) < FEWEST_EPISODES:
        told = f", without intervals: fewer than {FEWEST_EPISODES}"
    print_plain_line(console, f"\noffline metrics on {title}: means over episodes{told}\n")
    for columns in (make_value_columns(entries), make_fact_columns(entries)):
        fitted = fit_columns(columns, console.width, (MEDIUM,))
        console.print(make_table(fitted, [""] * len(entries[0].scores)))
        print_plain_line(console, "")
    print_plain_line(
        console,
        "frames: that the policy was asked about; renders; steps: that were simulated; s: wall time; of the evidence "
        "that a metric needs, means over policies",
    )
    if any(score.kept is not None for score in scores):
        print_plain_line(console, '"of N %": the share of the frames that the metric counts')
    for line in list_reasons(entries):
        print_plain_line(console, line)


def make_value_columns(entries: Sequence[ContestEntry]) -> list[Column]:
    """Make a column for each policy; where it is narrow, those of the last ones are dropped."""
    scores = entries[0].scores
    columns = [
        Column("metric", [_name(score) for score in scores], justify="left"),
        Column("better", [score.better for score in scores], justify="left"),
    ]
    for place, entry in enumerate(entries):
        columns.append(Column(entry.policy, [_format_value(score) for score in entry.scores], place))
    return columns


def make_fact_columns(entries: Sequence[ContestEntry]) -> list[Column]:
    """Make the columns that say what a metric is, costs, and comes from."""
    alike = list(zip(*(entry.scores for entry in entries), strict=True))
    columns = [Column("metric", [scores[0].metric for scores in alike], justify="left")]
    for place, (heading, template) in enumerate(
        (("frames", ".0f"), ("renders", ".0f"), ("steps", ".0f"), ("s", ".1f"))
    ):
        attribute = "seconds" if heading == "s" else heading
        means = [sum(getattr(score.cost, attribute) for score in scores) / len(scores) for scores in alike]
        columns.append(Column(heading, [format(mean, template) for mean in means], place))
    columns.append(Column("what it is", [scores[0].label for scores in alike], 4, justify="left"))
    columns.append(Column("source", [scores[0].source for scores in alike], 5, justify="left"))
    return columns


def list_reasons(entries: Sequence[ContestEntry]) -> list[str]:
    """Say which metrics aren't available, for whom and why; those with one reason share a line."""
    by_reason: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        for score in entry.scores:
            if score.unavailable is not None:
                by_reason.setdefault(score.unavailable, {}).setdefault(score.metric, []).append(entry.policy)
    lines = []
    for reason, found in by_reason.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for metric, policies in found.items():
            alike.setdefault(tuple(policies), []).append(metric)
        for those, metrics in alike.items():
            whom = "" if len(those) == len(entries) else f" for {', '.join(those)}"
            lines.append(f"not available{whom}: {', '.join(metrics)} ({reason})")
    return lines


def _name(score: MetricScore) -> str:
    return f"{score.metric} ({score.unit})" if score.unit else score.metric


def _format_value(score: MetricScore) -> str:
    if score.value is None:
        return "-"
    interval = "" if score.low is None or score.high is None else f" ({score.low:.3f} to {score.high:.3f})"
    kept = "" if score.kept is None else f" of {100 * score.kept:.0f} %"
    return f"{score.value:.3f}{interval}{kept}"
