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
from sim.claims.audit.readings import AXES, HUBER, MAE, MSE, RMSE, UNITS

PUBLISHED_TABLE = "published"
NAME_COLUMNS = ("id", "name", "system", "model", "policy")
LOSS = "loss"  # of a column: which one isn't said
ABOUT_LAST = frozenset(  # last words in the names of columns that tell something about errors
    (
        *("std", "sd", "stderr", "se", "sem", "var", "ci", "low", "high", "lower", "upper", "rank", "n", "count"),
        *("reduction", "improvement", "gain", "weight"),
    )
)
ABOUT_FIRST = frozenset(("n", "std", "sd", "stderr", "se", "sem", "var", "rank", "delta"))  # first words
WORDS = {MAE: (MAE,), "l1": (MAE,), "l2": (MSE,), MSE: (MSE,), RMSE: (RMSE,), HUBER: (HUBER,), LOSS: (MSE, HUBER)}
UNIT, DIMENSIONS, FRAMES_COLUMN, SAMPLES = "unit", "axes", "frames", "samples"
CHOICES: dict[str, Sequence[str]] = {UNIT: tuple(UNITS), DIMENSIONS: tuple(map(str, AXES)), FRAMES_COLUMN: FRAMES}
PUBLISHED_FRAMES = {"teleop-first": FIRST, "teleop-rest": WITHOUT_FIRST}
PUBLISHED_SAMPLES = 15
SEMICOLON, NEAR = ";", 0.75


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


def published_errors() -> tuple[ReportedError, ...]:
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
    return tuple(found)


def read_error_table(path: Path) -> tuple[ReportedError, ...]:
    """Read the errors in a CSV file.

    Its first line names the columns, in letters of any case. Those with "mae", "mse", "rmse", "huber", "l1", "l2" or
    "loss" among the words of their names are errors, but for such as "mae_std" or "loss reduction"; "unit", "axes",
    "frames" and "samples" say how they were computed, where that is known. A row's name is in the column "id", "name",
    "system", "model" or "policy", else in the first. Empty cells are left out.

    Raises:
        InputError: It can't be read, has no column of errors, or a cell is wrong; names the line.
    """
    reader = csv.reader(StringIO(read_text_file(path)))
    try:
        head = [cell.strip() for cell in next(reader, [])]
        _check_unique(head, path)
        _check_spelling(head, path)
        columns = {name: metrics for name in head if (metrics := _metrics_of(name))}
        if not columns or (len(head) == 1 and SEMICOLON in head[0]):
            advice = (
                "; cells are separated by commas, not by semicolons" if any(SEMICOLON in name for name in head) else ""
            )
            raise InputError(
                f"{path}, line 1: no column is an offline error: one must have 'mae', 'mse', 'rmse', 'huber' or 'loss' "
                f"in its name; this one has {', '.join(head) or 'none'}{advice}"
            )
        found: list[ReportedError] = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found += _read_row(head, columns, cells, f"{path}, line {reader.line_num}")
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not valid CSV: {error}") from error
    if not found:
        raise InputError(f"{path}: the table has no errors, only a first line")
    return tuple(found)


def _metrics_of(column: str) -> tuple[str, ...]:
    words = re.split(r"[^a-z0-9]+", column.lower())
    words = [word for word in words if word]
    if not words or words[-1] in ABOUT_LAST or words[0] in ABOUT_FIRST:
        return ()
    if {"smooth", "l1"} <= set(words):  # PyTorch's name of Huber's loss
        return WORDS[HUBER]
    found = [WORDS[word] for word in reversed(words) if word in WORDS]
    return next((metrics for metrics in found if metrics != WORDS[LOSS]), WORDS[LOSS] if found else ())


def _check_unique(head: Sequence[str], path: Path) -> None:
    twice = next((name for name, count in Counter(map(str.lower, head)).items() if name and count > 1), None)
    if twice is not None:
        raise InputError(f"{path}, line 1: two columns are named '{twice}'; each needs a name of its own")


def _check_spelling(head: Sequence[str], path: Path) -> None:
    """Refuse a column that is nearly one which states something: what it says would be lost."""
    known = (*CHOICES, SAMPLES)
    for name in head:
        near = get_close_matches(name.lower(), known, n=1, cutoff=NEAR)
        if near and name.lower() not in known:
            raise InputError(f"{path}, line 1: column '{name}': did you mean '{near[0]}'? If not, name it otherwise")


def _read_row(
    head: Sequence[str], columns: Mapping[str, tuple[str, ...]], cells: Sequence[str], where: str
) -> list[ReportedError]:
    if len(cells) > len(head):
        raise InputError(f"{where}: {len(cells)} cells, but the first line names {len(head)} columns")
    row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
    known = {column.lower(): cell for column, cell in row.items()}
    name = next((known[column] for column in NAME_COLUMNS if known.get(column)), row[head[0]])
    stated = {column: known[column] for column in CHOICES if known.get(column)}
    for column, value in stated.items():
        if value not in CHOICES[column]:
            raise InputError(f"{where}: {unknown_name(column, value, CHOICES[column])}")
    samples = _read_samples(known.get(SAMPLES, ""), where)
    return [
        ReportedError(name, column, _check_number(row[column], column, where), metrics, stated, samples)
        for column, metrics in columns.items()
        if row.get(column)
    ]


def _read_samples(text: str, where: str) -> int | None:
    if text and not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise InputError(f"{where}: 'samples' must be a whole number from 1 on, not '{text}'")
    return int(text) if text else None


def _check_number(text: str, column: str, where: str) -> str:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,15})?([eE][-+]?\d{1,2})?", text):
        raise InputError(f"{where}: '{column}' must be a number from 0 on, such as 0.212, not '{text}'")
    return text
