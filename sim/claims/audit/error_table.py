"""Tables of reported offline errors: the published one, or a CSV file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from policies.specs.spec_file import read_text_file
from policies.systems.table import PUBLISHED, SYSTEMS
from scenarios.common.errors import InputError, unknown_name
from sim.claims.audit.frame_labels import FIRST, FRAMES, WITHOUT_FIRST
from sim.claims.audit.headings import (
    KNOWN_UNITS,
    LOSS,
    METRIC_NAMES,
    WORDS,
    Heading,
    find_unit,
    is_number,
    read_heading,
)
from sim.claims.audit.readings import AXES, MAE, UNITS

PUBLISHED_TABLE = "published"
NAME_COLUMNS = ("id", "name", "system", "model", "policy")
UNIT, DIMENSIONS, FRAMES_COLUMN, SAMPLES = "unit", "axes", "frames", "samples"
CHOICES: dict[str, Sequence[str]] = {UNIT: tuple(UNITS), DIMENSIONS: tuple(map(str, AXES)), FRAMES_COLUMN: FRAMES}
FACTS = (*CHOICES, SAMPLES)
PUBLISHED_FRAMES = {"teleop-first": FIRST, "teleop-rest": WITHOUT_FIRST}
PUBLISHED_SAMPLES = 15
SEPARATORS = {";": "semicolons", "\t": "tabs"}  # of files that are nearly CSV
NEAR = 0.75


@dataclass(frozen=True)
class ReportedError:
    """An offline error as reported.

    Attributes:
        name: Of the system.
        column: Of the table.
        text: The figure as written, whose decimals say how it was rounded.
        metrics: What the column may mean.
        stated: What is stated about it: "unit", "axes" and "frames", as far as they are.
        samples: Number of frames that it was computed on; None where that isn't stated.
    """

    name: str
    column: str
    text: str
    metrics: tuple[str, ...]
    stated: Mapping[str, str]
    samples: int | None = None

    @property
    def value(self) -> float:
        """The figure."""
        return float(self.text)

    @property
    def rounded_to(self) -> float:
        """Half a unit of its last decimal."""
        return 0.5 * 10.0 ** int(Decimal(self.text).as_tuple().exponent)


@dataclass(frozen=True)
class ErrorTable:
    """The errors of a table, and what else is in it.

    Attributes:
        errors: In the table's order.
        left_out: Columns with numbers that aren't read.
        in_other_units: Columns of errors that aren't read, as their headings state a unit that isn't known.
    """

    errors: tuple[ReportedError, ...]
    left_out: tuple[str, ...] = ()
    in_other_units: tuple[str, ...] = ()


def published_errors() -> ErrorTable:
    """Return the errors and losses of the published comparison; where it says so, with their frames and samples."""
    found = []
    for name in PUBLISHED:
        row = SYSTEMS[name]
        frames = PUBLISHED_FRAMES.get(row.data)
        stated, samples = ({}, None) if frames is None else ({FRAMES_COLUMN: frames}, PUBLISHED_SAMPLES)
        figures = (("mae", row.published.mae, (MAE,)), ("val_loss", row.published.val_loss, WORDS[LOSS]))
        found += [
            ReportedError(name, column, f"{value:.4f}", metrics, stated, samples)
            for column, value, metrics in figures
            if value is not None
        ]
    return ErrorTable(tuple(found))


def read_error_table(path: Path) -> ErrorTable:
    """Read the errors in a CSV file.

    Its first line names the columns, in letters of any case. Those with "mae", "mse", "rmse", "huber", "l1", "l2" or
    "loss" among the words of their names, or with such a metric's name in full, are errors, but for such as "mae_std"
    or "loss reduction"; "unit", "axes", "frames" and "samples" say how they were computed, where that is known. A row's
    name is in the column "id", "name", "system", "model" or "policy", else in the first, else its number. Empty cells
    are left out.

    Raises:
        InputError: It can't be read, has no column of errors, or a cell is wrong; names the line.
    """
    text = read_text_file(path)
    if not text.strip():
        raise InputError(f"{path}: the file is empty; its first line must name the columns, such as 'system,mae'")
    reader = csv.reader(StringIO(text))
    try:
        head = [cell.strip() for cell in next(reader, [])]
        _check_unique(head, path)
        _check_spelling(head, path)
        headings = {name: read_heading(name) for name in head}
        _check_errors(head, headings, path)
        rows: list[dict[str, str]] = []
        found: list[ReportedError] = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                where = f"{path}, line {reader.line_num}"
                if len(cells) > len(head):
                    raise InputError(f"{where}: {len(cells)} cells, but the first line names {len(head)} columns")
                rows.append(dict(zip(head, (cell.strip() for cell in cells), strict=False)))
                found += _read_row(headings, rows[-1], len(rows), where)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not valid CSV: {error}") from error
    if not found:
        raise InputError(f"{path}: the table has no errors, only a first line")
    return ErrorTable(
        tuple(found),
        _list_left_out(headings, rows),
        tuple(name for name, heading in headings.items() if _is_in_other_unit(heading)),
    )


def _check_errors(head: Sequence[str], headings: Mapping[str, Heading], path: Path) -> None:
    """Refuse a first line without a column of errors, or of cells that commas don't separate."""
    others = [name for name, heading in headings.items() if _is_in_other_unit(heading)]
    is_one_cell = len(head) == 1 and any(separator in head[0] for separator in SEPARATORS)
    if any(map(_is_read, headings.values())) and not is_one_cell and not any("\t" in name for name in head):
        return
    between = next((name for separator, name in SEPARATORS.items() if any(separator in each for each in head)), None)
    if others and between is None:
        raise InputError(
            f"{path}, line 1: no column is an offline error in a known unit: '{others[0]}' is in "
            f"'{headings[others[0]].other_unit}'; {KNOWN_UNITS}"
        )
    advice = "" if between is None else f"; cells are separated by commas, not by {between}"
    shown = ", ".join(head).replace("\t", "\\t")
    raise InputError(
        f"{path}, line 1: no column is an offline error: one must have in its name {METRIC_NAMES}; "
        f"this one has {shown or 'none'}{advice}"
    )


def _is_read(heading: Heading) -> bool:
    return bool(heading.metrics) and heading.other_unit is None


def _is_in_other_unit(heading: Heading) -> bool:
    return bool(heading.metrics) and heading.other_unit is not None


def _list_left_out(headings: Mapping[str, Heading], rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """List the columns with numbers that are neither errors nor facts nor names."""
    first = next(iter(headings))
    is_named = any(name.lower() in NAME_COLUMNS for name in headings)
    known = {"", *FACTS, *NAME_COLUMNS}
    return tuple(
        name
        for name, heading in headings.items()
        if not heading.metrics
        and name.lower() not in known
        and (name != first or is_named or heading.about_errors)
        and any(is_number(row.get(name, "")) for row in rows)
    )


def _check_unique(head: Sequence[str], path: Path) -> None:
    twice = next((name for name, count in Counter(map(str.lower, head)).items() if name and count > 1), None)
    if twice is not None:
        raise InputError(f"{path}, line 1: two columns are named '{twice}'; each needs a name of its own")


def _check_spelling(head: Sequence[str], path: Path) -> None:
    """Refuse a column that is nearly one which states something: what it says would be lost."""
    for name in head:
        near = get_close_matches(name.lower(), FACTS, n=1, cutoff=NEAR)
        if near and name.lower() not in FACTS:
            raise InputError(f"{path}, line 1: column '{name}': did you mean '{near[0]}'? If not, name it otherwise")


def _read_row(headings: Mapping[str, Heading], row: Mapping[str, str], number: int, where: str) -> list[ReportedError]:
    known = {column.lower(): cell for column, cell in row.items()}
    name = next((known[column] for column in NAME_COLUMNS if known.get(column)), "")
    name = name or _name_by_first(headings, row) or f"row {number}"
    stated = {column: known[column] for column in CHOICES if known.get(column)}
    if UNIT in stated:
        stated[UNIT] = find_unit(stated[UNIT]) or stated[UNIT]
    for column, value in stated.items():
        if value not in CHOICES[column]:
            raise InputError(f"{where}: {unknown_name(column, value, CHOICES[column])}")
    samples = _read_samples(known.get(SAMPLES, ""), where)
    found = []
    for column, heading in headings.items():
        if _is_read(heading) and row.get(column):
            text = _check_number(row[column], column, where)
            facts = _add_unit(stated, column, heading, where)
            found.append(ReportedError(name, column, text, heading.metrics, facts, samples))
    return found


def _name_by_first(headings: Mapping[str, Heading], row: Mapping[str, str]) -> str:
    """Return what the first column has as a row's name: nothing if it is a figure or a fact."""
    first, heading = next(iter(headings.items()))
    if heading.metrics or first.lower() in FACTS or (heading.about_errors and is_number(row[first])):
        return ""
    return row[first]


def _add_unit(stated: Mapping[str, str], column: str, heading: Heading, where: str) -> dict[str, str]:
    if heading.unit is None:
        return dict(stated)
    if stated.get(UNIT, heading.unit) != heading.unit:
        raise InputError(
            f"{where}: 'unit' says '{stated[UNIT]}', but the heading '{column}' says '{heading.unit}'; give one of them"
        )
    return {**stated, UNIT: heading.unit}


def _read_samples(text: str, where: str) -> int | None:
    if text and not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise InputError(f"{where}: 'samples' must be a whole number from 1 on, not '{text}'")
    return int(text) if text else None


def _check_number(text: str, column: str, where: str) -> str:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,15})?([eE][-+]?\d{1,2})?", text):
        raise InputError(f"{where}: '{column}' must be a number from 0 on, such as 0.212, not '{text}'")
    return text
