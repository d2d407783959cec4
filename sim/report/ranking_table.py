"""Table printed at the end of a run of several policies: by success, with offline MAE and baselines."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from rich.console import Console
from rich.table import Table

from scenarios.robot import AXIS_NAMES
from sim.analysis.agreement import select_baselines
from sim.analysis.rates import pool_success
from sim.analysis.summary import mean_of_defined
from sim.console.columns import MEDIUM, TIGHT, WIDE, Column, FittedColumns, fit_columns, make_table
from sim.console.formatting import format_count, format_number, format_phrases, format_rate
from sim.metrics.registry import Metric, table_metrics
from sim.report.floors import add_floors, make_floor_rows, scenario_heading
from sim.results.plan import UNPERTURBED
from sim.results.summary.agreement import (
    PRIVILEGED,
    RANKED,
    REFERENCE,
    MeanMae,
    PolicyResult,
)
from sim.results.summary.rates import SuccessByPhrase, SuccessRate
from sim.results.summary.summary import CellSummary, Summary

KIND_MARKS = {RANKED: "", REFERENCE: "°", PRIVILEGED: "*"}
LEGEND = {
    PRIVILEGED: "* sees the true map: an upper bound, not ranked",
    REFERENCE: "° lacks a sense: a reference, not ranked",
}
MIN_FAILURES_WIDTH = 24  # characters; a narrower column of failures is dropped
# The drop order of columns: the last ones are dropped first. Up to ``BEATS``, padding is reduced before a column goes.
SCENARIO, BEATS, COUNT, PHRASES, INTERVAL, FAILURES, FIRST_METRIC = 1, 2, 3, 4, 5, 6, 7
PHRASES_HEADING = "seen · unseen\nphrases"
SUCCESS_LEGEND = "episodes that reached the named goal and touched nothing, of all"
RATE_LEGEND = "their share, with Blaker's interval"
PHRASES_LEGEND = "successes where the instruction's phrase stands in training, and where it doesn't"
FAILURES_LEGEND = "how the other episodes ended"


def fit_ranking_columns(summary: Summary, console: Console) -> FittedColumns:
    """Choose as many columns as fit the console.

    Args:
        summary: Of a run of several policies.
        console: The console that the table will be printed to.
    """
    baselines, floors = _sort_baselines(summary), make_floor_rows(summary)
    columns = [
        add_floors(add_baselines(column, baselines), floors)
        for column in make_columns(summary)
        if set(column.cells) != {"-"}
    ]
    return fit_columns(columns, console.width, (WIDE, MEDIUM, TIGHT), compact_until=BEATS)


def make_ranking_table(summary: Summary, fitted: FittedColumns) -> Table:
    """Make the table of the chosen columns."""
    rows, below = summary.agreement.rows, len(_sort_baselines(summary)) + len(make_floor_rows(summary))
    styles = ["" if row.kind == RANKED else "dim" for row in rows] + ["dim"] * below
    return make_table(fitted, styles, section_ends=[len(rows) - 1])


def _sort_baselines(summary: Summary) -> list[tuple[str, float]]:
    return sorted(select_baselines(summary.agreement.rows).items(), key=lambda pair: pair[1])


def make_columns(summary: Summary) -> list[Column]:
    """Make the columns of the policies, without the baselines."""
    rows = summary.agreement.rows
    return [
        *_identity_columns(rows),
        _phrases_column(summary),
        *_error_columns(rows),
        *_scenario_columns(rows),
        *(_metric_column(summary, metric, FIRST_METRIC + place) for place, metric in enumerate(table_metrics())),
        _failures_column(summary),
    ]


def add_baselines(column: Column, baselines: Sequence[tuple[str, float]]) -> Column:
    """Add the rows of the baselines below the policies."""
    formats: dict[str, Callable[[str, float], str]] = {
        "policy": lambda name, _: f"baseline: {name}",
        "MAE": lambda _, mae: f"{mae:.4f}",
    }
    form = formats.get(column.heading, lambda *_: "")
    below = [form(name, mae) for name, mae in baselines]
    fill = column.fill
    return replace(
        column,
        cells=[*column.cells, *below],
        fill=None if fill is None else lambda width: [*fill(width), *below],
    )


def _identity_columns(rows: Sequence[PolicyResult]) -> list[Column]:
    names = [row.policy + KIND_MARKS[row.kind] for row in rows]
    return [
        Column("rank", [format_number(row.ranks.success, "{:d}") for row in rows], legend="place by success"),
        Column("policy", names, justify="left"),
        Column("success", [format_count(row.success) for row in rows], COUNT, style="bold", legend=SUCCESS_LEGEND),
        Column(
            "rate (95 %)",
            ["-" if row.success is None else format_rate(row.success) for row in rows],
            style="bold",
            legend=RATE_LEGEND,
        ),
    ]


def _phrases_column(summary: Summary) -> Column:
    found = (pool_phrases(summary, row.policy) for row in summary.agreement.rows)
    return Column(PHRASES_HEADING, [format_phrases(each) for each in found], PHRASES, legend=PHRASES_LEGEND)


def _error_columns(rows: Sequence[PolicyResult]) -> list[Column]:
    means = ["-" if row.mae is None else f"{row.mae.mean:.4f}" for row in rows]
    return [
        Column("MAE", means, style="bold cyan"),
        Column(
            "MAE (95 %)", [_format_interval(row.mae) for row in rows], INTERVAL, legend="its interval over episodes"
        ),
        Column(
            "MAE\nrank",
            [format_number(row.ranks.mae, "{:d}") for row in rows],
            style="cyan",
            legend="place by MAE, the lowest first",
        ),
        Column(
            "beats",
            [format_beaten_baselines(row) for row in rows],
            BEATS,
            justify="left",
            legend="baselines with a higher MAE: constants (any constant action), hold (the expert's previous action)",
        ),
    ]


def _scenario_columns(rows: Sequence[PolicyResult]) -> list[Column]:
    """Success in each scenario, if there are several."""
    names = list(rows[0].success_by_scenario)
    return [
        Column(
            scenario_heading(name),
            [_format_percent(row.success_by_scenario[name]) for row in rows],
            SCENARIO,
        )
        for name in (names if len(names) > 1 else ())
    ]


def _metric_column(summary: Summary, metric: Metric, drop_order: int) -> Column:
    """The mean of a metric over scenarios."""
    means = [
        mean_of_defined(cell.metrics.get(metric.name) for cell in _unperturbed_cells(summary, row.policy))
        for row in summary.agreement.rows
    ]
    cells = [format_number(mean, metric.template) for mean in means]
    return Column(metric.heading, cells, drop_order, legend=metric_legend(metric))


def metric_legend(metric: Metric) -> str:
    """Explain the column of a metric: its mean over episodes."""
    better = f"; {metric.direction} is better" if metric.direction != "none" else ""
    return f"{metric.explanation}{better}"


def _failures_column(summary: Summary) -> Column:
    fill = partial(_format_failures, summary)
    cells = fill(MIN_FAILURES_WIDTH)
    return Column("failures", cells, FAILURES, justify="left", fill=fill, legend=FAILURES_LEGEND)


def _format_failures(summary: Summary, width: int) -> list[str]:
    """Each policy's failures over all scenarios, the most frequent first, as many as fit in a line."""
    lines = []
    for row in summary.agreement.rows:
        counts: Counter[str] = Counter()
        for cell in _unperturbed_cells(summary, row.policy):
            counts.update(cell.failures)
        words = ", ".join(f"{kind}~{count}" for kind, count in counts.most_common())
        short = textwrap.shorten(words, width, placeholder=" …", break_on_hyphens=False)
        lines.append(short.replace("~", " ") or "-")
    return lines


def pool_phrases(summary: Summary, policy: str) -> SuccessByPhrase | None:
    """Estimate a policy's success on seen and on unseen phrases over all its unperturbed episodes."""
    return pool_success(_unperturbed_cells(summary, policy))


def _unperturbed_cells(summary: Summary, policy: str) -> list[CellSummary]:
    """A policy's unperturbed cells."""
    return [cell for cell in summary.cells if (cell.policy, cell.perturbation) == (policy, UNPERTURBED)]


def format_beaten_baselines(row: PolicyResult) -> str:
    """Return in one word the baselines that a policy's MAE is below."""
    constants, hold = row.beats.constants, row.beats.hold
    if constants is None:
        return "-"
    return "all" if constants and hold else "constants" if constants else "hold" if hold else "nothing"


def _format_percent(success: SuccessRate | None) -> str:
    return "-" if success is None else f"{100 * success.rate:.0f} %"


def _format_interval(mae: MeanMae | None) -> str:
    return "-" if mae is None or mae.low is None else f"{mae.low:.4f} to {mae.high:.4f}"


def legend_lines(summary: Summary) -> list[str]:
    """Explain the marks, and why policies are missing from the ranking."""
    rows = summary.agreement.rows
    lines = [text for kind, text in LEGEND.items() if any(row.kind == kind for row in rows)]
    unranked = [f"{row.policy} ({row.left_out})" for row in rows if row.left_out]
    return [*lines, *([f"without a rank: {', '.join(unranked)}"] if unranked else [])]


def data_lines(summary: Summary) -> list[str]:
    """Name the data that the MAE was computed on."""
    sets = {score.source: score for score in summary.offline if score.frames}
    if not sets:
        return []
    frames, episodes = sum(score.frames for score in sets.values()), sum(score.episodes for score in sets.values())
    over = f" (mean over {len(sets)} data sets)" if len(sets) > 1 else ""
    fewest = min((score.axes for score in sets.values()), key=len)
    if len(fewest) < len(AXIS_NAMES):
        over += f" of {' and '.join(fewest)} alone"
    return [f"MAE{over} on {frames} frames of {episodes} held-out demonstrations; baselines ignore the frames"]
