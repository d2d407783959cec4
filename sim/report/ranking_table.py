"""The table that a run of several policies ends in: best success first, and offline MAE with its floors beside it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from sim.analysis.agreement import CONTESTANT, PRIVILEGED, REFERENCE, select_baselines
from sim.analysis.summary import mean_of_defined
from sim.console.formatting import format_number, format_rate, format_signed
from sim.metrics.registry import table_metrics
from sim.results.plan import UNPERTURBED
from sim.results.rates import SuccessRate
from sim.results.summary import CellSummary, Summary

KIND_MARKS = {CONTESTANT: "", REFERENCE: "°", PRIVILEGED: "*"}
LEGEND = {
    PRIVILEGED: "* sees the true map: a ceiling, not a contestant",
    REFERENCE: "° looks at nothing: a reference, not a contestant",
}
MIN_FAILURES_WIDTH = 24  # letters that the kinds of failures need to be worth a column
FAILURES_HEADING = "failures"
SCENARIO_LEVEL, BEATS_LEVEL, COUNT_LEVEL, INTERVAL_LEVEL, FAILURES_LEVEL, MEASURE_LEVEL = (
    1,
    2,
    3,
    4,
    5,
    6,
)  # what gives way before what, the last first
LAST_COMPACT_LEVEL = BEATS_LEVEL  # columns are rather moved together than let go up to here
Padding = tuple[int, int, int, int]
PADDINGS = WIDE_PADDING, _, TIGHT_PADDING = (0, 1, 0, 1), (0, 1, 0, 0), (0, 0, 0, 0)


class Column(NamedTuple):
    """One column of the table.

    Attributes:
        heading: What stands above it.
        cells: One per policy.
        spare: Columns with the highest number give way first where the screen is narrow; those with 0 never do.
        style: Of the cells.
    """

    heading: str
    cells: Sequence[str]
    drop_order: int = 0
    style: str = ""


def make_ranking_table(summary: Summary, console: Console) -> Table:
    """The table with as many columns as the screen has room for.

    Args:
        summary: The contents of ``summary.json``; of several policies.
        console: Where it is to be printed.
    """
    filled = [column for column in _columns(summary, MIN_FAILURES_WIDTH) if set(column.cells) != {"-"}]
    kept, padding = [column for column in filled if not column.drop_order], TIGHT_PADDING
    for level in sorted({column.drop_order for column in filled}):
        more = [column for column in filled if column in kept or column.drop_order == level]
        spaces = PADDINGS if level <= LAST_COMPACT_LEVEL else (WIDE_PADDING,)
        fitting = [space for space in spaces if _spare_width(summary, more, space, console) >= 0]
        if fitting:
            kept, padding = more, fitting[0]
        elif level > LAST_COMPACT_LEVEL:
            break
    if kept[-1].heading == FAILURES_HEADING:
        taken = max(len(FAILURES_HEADING), *map(len, kept[-1].cells))
        width = taken + _spare_width(summary, kept, padding, console)
        kept = [*kept[:-1], *_columns(summary, width)[-1:]]
    return _table(summary, kept, padding)


def _spare_width(summary: Summary, columns: Sequence[Column], padding: Padding, console: Console) -> int:
    """How many letters a line of the screen has left."""
    boundless = console.options.update_width(10_000)
    return console.width - Measurement.get(console, boundless, _table(summary, columns, padding)).maximum


def _columns(summary: Summary, failures_width: int) -> list[Column]:
    rows = summary.agreement["rows"]
    scenarios = list(rows[0]["scenarios"])
    columns = [
        Column("rank", [format_number(row["ranks"]["success"], "{:d}") for row in rows]),
        Column("policy", [row["policy"] + KIND_MARKS[row["kind"]] for row in rows]),
        Column("success", [_count(row["success"]) for row in rows], COUNT_LEVEL, "bold"),
        Column(
            "rate (95 %)",
            ["-" if row["success"] is None else format_rate(SuccessRate(**row["success"])) for row in rows],
            0,
            "bold",
        ),
        Column("MAE", [format_number(row["mae"] and row["mae"]["mean"], "{:.4f}") for row in rows], 0, "bold cyan"),
        Column("MAE (95 %)", [_interval(row["mae"]) for row in rows], INTERVAL_LEVEL),
        Column("MAE\nrank", [format_number(row["ranks"]["mae"], "{:d}") for row in rows], 0, "cyan"),
        Column("beats", [format_beaten_baselines(row) for row in rows], BEATS_LEVEL),
    ]
    for name in scenarios if len(scenarios) > 1 else ():
        cells = [_percent(row["scenarios"][name]) for row in rows]
        columns.append(Column(Path(name).stem.replace("-", "-\n"), cells, SCENARIO_LEVEL))
    for place, metric in enumerate(table_metrics()):
        cells = [format_number(_mean(summary, row["policy"], metric.name), metric.template) for row in rows]
        columns.append(Column(metric.heading, cells, MEASURE_LEVEL + place))
    return [
        *columns,
        Column(FAILURES_HEADING, [_failures(summary, row["policy"], failures_width) for row in rows], FAILURES_LEVEL),
    ]


def _table(summary: Summary, columns: Sequence[Column], padding: Padding) -> Table:
    """The policies, and below them the floors of the MAE."""
    table = Table(box=box.SIMPLE_HEAD, padding=padding, pad_edge=False, show_edge=False)
    for column in columns:
        left = column.heading in ("policy", "beats", FAILURES_HEADING)
        table.add_column(
            column.heading, justify="left" if left else "right", no_wrap=True, style=column.style, vertical="bottom"
        )
    rows = summary.agreement["rows"]
    for place, row in enumerate(rows):
        style = None if row["kind"] == CONTESTANT else "dim"
        cells = [column.cells[place] for column in columns]
        table.add_row(*cells, style=style, end_section=place == len(rows) - 1)
    for name, floor in sorted(select_baselines(rows).items(), key=lambda pair: pair[1]):
        told = {"policy": f"floor: {name}", "MAE": f"{floor:.4f}"}
        table.add_row(*(told.get(column.heading, "") for column in columns), style="dim")
    return table


def format_beaten_baselines(row: Mapping[str, Any]) -> str:
    """Which floors a policy's MAE is below, in a word."""
    constants, hold = row["beats"]["constants"], row["beats"]["hold"]
    if constants is None:
        return "-"
    return "all" if constants and hold else "constants" if constants else "hold" if hold else "nothing"


def _count(success: Mapping[str, Any] | None) -> str:
    return "-" if success is None else f"{success['k']}/{success['n']}"


def _percent(success: Mapping[str, Any] | None) -> str:
    return "-" if success is None else f"{100 * success['rate']:.0f} %"


def _interval(mae: Mapping[str, Any] | None) -> str:
    return "-" if mae is None else f"{mae['low']:.4f} to {mae['high']:.4f}"


def _unperturbed_cells(summary: Summary, policy: str) -> list[CellSummary]:
    """A policy's unperturbed cells."""
    return [cell for cell in summary.cells if (cell.policy, cell.perturbation) == (policy, UNPERTURBED)]


def _mean(summary: Summary, policy: str, name: str) -> float | None:
    """The mean over scenarios of a cell's number."""
    return mean_of_defined(cell.metrics.get(name) for cell in _unperturbed_cells(summary, policy))


def _failures(summary: Summary, policy: str, width: int) -> str:
    """The kinds of failures over all scenarios, the most frequent first, as many as have room in one line."""
    counts: Counter[str] = Counter()
    for cell in _unperturbed_cells(summary, policy):
        counts.update(cell.failures)
    words = ", ".join(f"{kind}~{count}" for kind, count in counts.most_common())
    return textwrap.shorten(words, width, placeholder=" …", break_on_hyphens=False).replace("~", " ") or "-"


def legend_lines(summary: Summary) -> list[str]:
    """What the marks mean, and why contestants stand outside the ranking."""
    rows = summary.agreement["rows"]
    lines = [text for kind, text in LEGEND.items() if any(row["kind"] == kind for row in rows)]
    outside = [f"{row['policy']} ({row['left_out']})" for row in rows if row["left_out"]]
    return [*lines, *([f"not ranked: {', '.join(outside)}"] if outside else [])]


def data_lines(summary: Summary) -> list[str]:
    """What the MAE was taken on."""
    sets = {entry["scenario"] or entry["dataset"]: entry for entry in summary.offline if entry.get("frames")}
    if not sets:
        return []
    frames, episodes = (sum(entry[name] for entry in sets.values()) for name in ("frames", "episodes"))
    over = f", the mean over {len(sets)} data sets," if len(sets) > 1 else ""
    return [f"MAE{over} of {frames} frames of {episodes} held-out demonstrations; floors: answers that look at nothing"]


def agreement_lines(summary: Summary) -> list[str]:
    """Whether offline error ranks the policies as success does."""
    found = summary.agreement
    if found["spearman"] is None:
        lines = [f"no rank correlation of MAE and success: {found['reason']}"]
    else:
        lines = [
            f"Spearman of MAE and success over {found['policies']} policies {format_correlation(found['spearman'])}; "
            f"Kendall's tau-b {format_signed(found['kendall']['value'])} (-1: MAE ranks them perfectly)"
        ]
        lines += [found["reason"]] if found["reason"] else []
    if (pairs := found["pairs"]) is not None:
        lines.append(pair_line(pairs))
    ranked = [each for each in found["scenarios"] if each["spearman"] is not None]
    if len(found["scenarios"]) > 1 and ranked:
        by_scenario = ", ".join(f"{each['scenario']} {format_signed(each['spearman'])}" for each in ranked)
        lines.append(f"Spearman by scenario: {by_scenario}")
    return lines


def format_correlation(found: Mapping[str, Any]) -> str:
    """A correlation with both of its intervals."""
    named = (("over policies", "low", "high"), ("over episodes", "episodes_low", "episodes_high"))
    told = [
        f"{format_signed(found[low])} to {format_signed(found[high])} {what}"
        for what, low, high in named
        if found[low] is not None
    ]
    return format_signed(found["value"]) + (f" (95 %: {', '.join(told)})" if told else "")


def pair_line(pairs: Mapping[str, Any]) -> str:
    """How many pairs of policies MAE orders as success does."""
    line = f"success tells {pairs['apart']} of {pairs['pairs']} pairs of policies apart"
    if pairs["share"] is None:
        return line
    share, low, high = (f"{100 * pairs[name]:.0f}" for name in ("share", "low", "high"))
    return (
        f"{line}; of these MAE orders {pairs['same']} the same way: {share} % (95 %: {low} to {high} % over episodes)"
    )
