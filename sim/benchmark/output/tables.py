"""Tables of measurements, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from sim.benchmark.measurements import Measurement

RATIO_HEADINGS = {
    "camera": "relative to tiny",
    "environment": "relative to tiny",
    "vector": "relative to SyncVectorEnv",
    "families": "relative to corridor",
    "onnx": "relative to eager",
    "loop": "times its limit",
    "memory": "relative to first 10 %",
    "workers": "relative to one worker",
    "peers": "ours relative to it",
    "growth": "exponent",
    "gpu": "share of limit",
}


class TableOfGroup(NamedTuple):
    """The table of one benchmark, as text."""

    group: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def make_tables(found: Sequence[Measurement]) -> Iterator[TableOfGroup]:
    """Make a table for each benchmark. Figures of one name at several sizes share a row."""
    for group in dict.fromkeys(measurement.group for measurement in found):
        of_group = [measurement for measurement in found if measurement.group == group]
        limited = any(measurement.limit is not None for measurement in of_group)
        headings = ("measurement", "value", "unit", *(("limit",) if limited else ()), RATIO_HEADINGS.get(group, ""))
        rows = []
        for name in dict.fromkeys(measurement.name for measurement in of_group):
            same = [measurement for measurement in of_group if measurement.name == name]
            for rows_of in [same] if same[0].at is not None else [[each] for each in same]:
                rows.append(_make_row(rows_of, limited))
        yield TableOfGroup(group, headings, rows)


def _make_row(same: Sequence[Measurement], limited: bool) -> tuple[str, ...]:
    last = same[-1]
    value = ", ".join(
        _figure(each.value) if each.at is None else f"{each.at:,}: {_figure(each.value)}" for each in same
    )
    limit = ("" if last.limit is None else _figure(last.limit),) if limited else ()
    return (last.name, value, last.unit, *limit, _ratio(last))


def print_tables(console: Console, host: dict[str, Any], found: Sequence[Measurement]) -> None:
    """Print the tables below the name of the machine."""
    console.print(_describe(host))
    for group, headings, rows in make_tables(found):
        table = Table(title=group, title_justify="left", title_style="bold")
        for heading in headings:
            table.add_column(heading, justify="left" if heading in ("measurement", "unit") else "right")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def format_markdown(host: dict[str, Any], found: Sequence[Measurement]) -> str:
    """Format the tables as Markdown, with titles if there are several, and the name of the machine below them."""
    parts = []
    tables = list(make_tables(found))
    for group, headings, rows in tables:
        lines = [headings, ["---" if each in ("measurement", "unit") else "---:" for each in headings], *rows]
        title = [f"**{group}**\n"] if len(tables) > 1 else []
        parts.append("\n".join([*title, *("| " + " | ".join(line) + " |" for line in lines)]))
    return "\n\n".join([*parts, f"{_describe(host)}."]) + "\n"


def _describe(host: dict[str, Any]) -> str:
    return f"{host['cpu']}, {host['cores']} cores; {host['device']}; Python {host['python']}"


def _figure(value: float) -> str:
    if isinstance(value, int):  # a count
        return f"{value:,}"
    return f"{value:,.1f}" if value >= 100.0 else f"{value:.2f}" if value >= 1.0 else f"{value:.4f}"


def _ratio(row: Measurement) -> str:
    if row.ratio is None:
        return ""
    if row.group in ("memory", "gpu"):
        return f"{row.ratio:.1%}"
    if row.group == "growth":
        return f"{row.ratio:.2f}"
    return f"{row.ratio:.1f} x" if row.group in ("camera", "environment") else f"{row.ratio:.2f} x"
