"""The printed audit of a table of offline errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from rich.console import Console

from scenarios.robot import AXIS_NAMES
from sim.claims.audit.error_table import ErrorTable, ReportedError
from sim.claims.audit.frame_labels import ALL, FIRST, FrameLabels
from sim.claims.audit.headings import KNOWN_UNITS
from sim.claims.audit.readings import AXES, UNITS, BaselineFigure, list_baseline_figures, select_axes
from sim.claims.audit.row_audit import (
    BEATS,
    CANNOT_TELL,
    WORSE,
    ErrorRecord,
    RowAudit,
    audit_error,
    share_on_figures,
)
from sim.console.columns import MEDIUM, WIDE, Column, fit_columns, list_legends, make_table
from sim.console.console import print_plain_line, standard_console

BEATEN_LEGEND = "readings in which the error is below every baseline's, of those that fit what the table states"
LIES_LEGEND = "the baseline's figure that the error equals within rounding, else the nearest one"


def print_audit(table: ErrorTable, labels: Sequence[FrameLabels], source: str, console: Console | None = None) -> None:
    """Print what each error says next to baselines.

    Args:
        table: The errors as reported.
        labels: The labels that they may have been computed on.
        source: What the labels are, in a few words.
        console: The console to print to; standard output by default.
    """
    console = console or standard_console()
    figures = list_baseline_figures(labels)
    audits = [(error, audit_error(error, figures)) for error in table.errors]
    rows = [audit for _, audit in audits if audit is not None]
    if rows:
        fitted = fit_columns(make_audit_columns(rows), console.width, (WIDE, MEDIUM))
        console.print(make_table(fitted, [""] * len(rows), vertical="top"))
        for line in (*list_legends(fitted), *summary_lines(rows, figures), *reading_lines(rows)):
            print_plain_line(console, line)
    for error, audit in audits:
        if audit is None:
            print_plain_line(console, f"{error.name}: {describe_unknown(error, labels)}")
    for line in left_out_lines(table):
        print_plain_line(console, line)
    if not rows:
        return
    metrics = {reading.metric for audit in rows for reading in audit.readings}
    console.print()
    for line in axes_lines(labels[0]):
        print_plain_line(console, line)
    console.print(f"What baselines score on {source}, all frames:", highlight=False)
    baselines = fit_columns(make_baseline_columns(figures, metrics), console.width, (WIDE, MEDIUM))
    console.print(make_table(baselines, [""] * len(baselines.columns[0].cells)))


def left_out_lines(table: ErrorTable) -> list[str]:
    """Say which columns with numbers aren't read."""
    groups = (
        ("columns left out", table.left_out, ""),
        ("columns left out, as their unit isn't known", table.in_other_units, f" ({KNOWN_UNITS})"),
    )
    return [f"{said}: {', '.join(map(repr, names))}{advice}" for said, names, advice in groups if names]


def describe_unknown(error: ReportedError, labels: Sequence[FrameLabels]) -> str:
    """Say what a table states about an error that no labels are known for."""
    stated = " and ".join(f"{key} '{value}'" for key, value in error.stated.items())
    advice = ": give --dataset" if all(each.changes is None for each in labels) else ""
    return f"there are no labels for what the table states, {stated}{advice}"


def axes_lines(labels: FrameLabels) -> list[str]:
    """Say what is scored where labels lack an axis; nothing where they have all."""
    if len(labels.axes) == len(AXIS_NAMES):
        return []
    scored = ", ".join(f"{AXES[count]} is {' and '.join(names)}" for count, names in select_axes(labels).items())
    return [f"the labels have {' and '.join(labels.axes)} alone: {scored}"]


def record_audits(table: ErrorTable, labels: Sequence[FrameLabels]) -> tuple[ErrorRecord, ...]:
    """Audit each error, for a file."""
    figures = list_baseline_figures(labels)
    return tuple(_record_audit(error, audit_error(error, figures)) for error in table.errors)


def _record_audit(error: ReportedError, row: RowAudit | None) -> ErrorRecord:
    if row is None:
        return ErrorRecord(error.name, error.column, error.value, None)
    won = tuple(str(reading) for reading in row.won)
    equals = tuple(f"{each.predictor}: {each.reading}" for each in row.equals)
    return ErrorRecord(error.name, error.column, error.value, row.verdict, *row.counts, won, equals)


def make_audit_columns(rows: Sequence[RowAudit]) -> list[Column]:
    """Make the columns of the audit, with a line per error."""
    return [
        Column("system", [row.error.name for row in rows], justify="left"),
        Column("column", [row.error.column for row in rows], justify="left"),
        Column("error", [row.error.text for row in rows]),
        Column("verdict", [row.verdict for row in rows], justify="left", style="bold"),
        Column("beaten in", ["{} of {}".format(*row.counts) for row in rows], legend=BEATEN_LEGEND),
        Column("lies on", [describe_place(row) for row in rows], justify="left", legend=LIES_LEGEND),
    ]


def describe_place(row: RowAudit) -> str:
    """Describe the baselines' figures that an error lies on, or the nearest one."""
    figure = min(row.equals, key=lambda each: abs(each.value - row.error.value)) if row.equals else row.nearest
    place = f"{figure.predictor} {figure.value:.4f} ({figure.reading})"
    if not row.equals:
        return f"near {place}"
    return place if len(row.equals) == 1 else f"{place} and {len(row.equals) - 1} more"


def summary_lines(rows: Sequence[RowAudit], figures: Sequence[BaselineFigure]) -> list[str]:
    """Summarise the audit in a few sentences."""
    verdicts = Counter(row.verdict for row in rows)
    shares = [share_on_figures(row.error, figures) for row in rows]
    expected = sum(shares)
    return [
        f"{verdicts[BEATS]} of {len(rows)} errors beat every baseline whatever they mean, {verdicts[WORSE]} are worse "
        f"than the best one in every reading; of {verdicts[CANNOT_TELL]} it can't be told (columns 'unit', 'axes', "
        "'frames' and 'samples' of the table may state what they mean)",
        f"{sum(bool(row.equals) for row in rows)} of {len(rows)} lie on a baseline's figure in some reading; figures "
        f"drawn at random between 0 and the largest baseline's would in {expected:.1f}",
    ]


def reading_lines(rows: Sequence[RowAudit]) -> list[str]:
    """Say in which readings an error beats every baseline, where it does in some and not in others."""
    return [
        f"{row.error.name} {row.error.column} {row.error.text} beats every baseline if it is {describe_won(row)}"
        for row in rows
        if row.verdict == CANNOT_TELL and row.counts[0]
    ]


def describe_won(row: RowAudit) -> str:
    """List the readings in which an error beats every baseline; frames only where they matter."""
    every = {reading.frames for reading in row.readings} - {FIRST}
    groups: dict[tuple[str, int, str], set[str]] = {}
    for reading in row.won:
        groups.setdefault((reading.metric, reading.axes, reading.unit), set()).add(reading.frames)
    several = len(row.error.metrics) > 1
    return ", ".join(
        f"{metric.upper() + ' ' if several else ''}{AXES[axes]} {unit}"
        + ("" if frames >= every else f" on {' and '.join(sorted(frames))} frames")
        for (metric, axes, unit), frames in groups.items()
    )


def make_baseline_columns(figures: Sequence[BaselineFigure], metrics: Collection[str]) -> list[Column]:
    """Make the table of baselines' figures on all frames, with a line per metric and predictor."""
    chosen = [figure for figure in figures if figure.reading.frames == ALL and figure.reading.metric in metrics]
    lines = list(dict.fromkeys((figure.reading.metric, figure.predictor) for figure in chosen))
    values = {(f.reading.metric, f.predictor, f.reading.axes, f.reading.unit): f.value for f in chosen}
    return [
        Column("metric", [metric.upper() for metric, _ in lines], justify="left"),
        Column("baseline", [predictor for _, predictor in lines], justify="left"),
        *(
            Column(f"{AXES[axes]}, {unit}", [f"{values[(*line, axes, unit)]:.4f}" for line in lines])
            for unit in UNITS
            for axes in AXES
            if (*lines[0], axes, unit) in values
        ),
    ]
