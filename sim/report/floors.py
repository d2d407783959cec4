"""The floor of success in tables and report: the best reference without images, and the best without words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import get_args

from sim.analysis.floors import LACKS
from sim.analysis.rates import estimate_success
from sim.console.columns import Column
from sim.console.formatting import format_rate
from sim.results.summary.rates import ReferenceRate, Sense, SuccessFloor, SuccessRate
from sim.results.summary.summary import Summary

SENSES: tuple[Sense, ...] = get_args(Sense)


@dataclass(frozen=True)
class FloorRow:
    """The floor of success of a run for one sense that is missing."""

    lacks: Sense
    """The sense."""
    success: SuccessRate | None
    """Over all scenarios, in each of the reference that is best there; None if any scenario has none."""
    by_scenario: dict[str, ReferenceRate]
    """The best reference in each scenario that has one."""

    @property
    def name(self) -> str:
        """Its name in tables."""
        return f"floor: no {self.lacks}"


def make_floor_rows(summary: Summary) -> list[FloorRow]:
    """Make the rows of both senses; without those that no scenario has a reference for."""
    rows = []
    for sense in SENSES:
        best = {floor.scenario: found for floor in summary.floors if (found := floor.best_without(sense)) is not None}
        if best:
            rows.append(FloorRow(sense, _pool(list(best.values())) if len(best) == len(summary.floors) else None, best))
    return rows


def _pool(rates: Sequence[ReferenceRate]) -> SuccessRate:
    won, of = sum(each.success.k for each in rates), sum(each.success.n for each in rates)
    return estimate_success([True] * won + [False] * (of - won))


def add_floors(column: Column, rows: Sequence[FloorRow]) -> Column:
    """Add the rows of the floors below those of the policies and baselines."""
    formats: dict[str, Callable[[FloorRow], str]] = {
        "policy": lambda row: row.name,
        "success": lambda row: "-" if row.success is None else f"{row.success.k}/{row.success.n}",
        "rate (95 %)": lambda row: "-" if row.success is None else format_rate(row.success),
    }
    for name in {name for row in rows for name in row.by_scenario}:
        formats[scenario_heading(name)] = partial(_format_in_scenario, name)
    form = formats.get(column.heading, lambda _: "")
    below, fill = [form(row) for row in rows], column.fill
    return replace(
        column,
        cells=[*column.cells, *below],
        fill=None if fill is None else lambda width: [*fill(width), *below],
    )


def scenario_heading(name: str) -> str:
    """Return the heading of a scenario's column."""
    return Path(name).stem.replace("-", "-\n")


def _format_in_scenario(name: str, row: FloorRow) -> str:
    found = row.by_scenario.get(name)
    return "-" if found is None else f"{100 * found.success.rate:.0f} %"


def floor_lines(summary: Summary) -> list[str]:
    """Say for each scenario what the best reference without images reaches, and the best without words."""
    return [describe_floor(floor) for floor in summary.floors]


def describe_floor(floor: SuccessFloor) -> str:
    """Describe the floor of success in one scenario; where none is known, say how to measure it."""
    found = [(sense, best) for sense in SENSES if (best := floor.best_without(sense)) is not None]
    if not found:
        return f"floor of success on {floor.scenario}: not known; '--policy {','.join(LACKS)}' drives the references"
    parts = [f"{format_rate(best.success)} without {sense} ({describe_reference(best)})" for sense, best in found]
    return f"floor of success on {floor.scenario}: {', '.join(parts)}"


def describe_reference(found: ReferenceRate) -> str:
    """Name a reference, with its counts and where they come from."""
    where = "in this run" if found.driven else "measured before"
    return f"{found.policy} {found.success.k}/{found.success.n}, {where}"
