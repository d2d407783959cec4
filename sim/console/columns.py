"""Tables that fit the console: where it is narrow, padding is reduced first, then columns are dropped one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

Padding = tuple[int, int, int, int]
"""Lines above, characters right, lines below and characters left of a cell."""
WIDE: Padding = (0, 1, 0, 1)
MEDIUM: Padding = (0, 1, 0, 0)
TIGHT: Padding = (0, 0, 0, 0)


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    heading: str
    """Its heading, in one or more lines."""
    cells: Sequence[str]
    """One per row, in one or more lines."""
    drop_order: int = 0
    """Columns with the highest number are dropped first; those with 0 never."""
    justify: Literal["left", "right"] = "right"
    """Alignment of its cells."""
    style: str = ""
    """Rich style of its cells."""
    min_width: int = 0
    """Minimum width in characters."""
    folds: bool = False
    """True if its cells wrap if the columns that are never dropped are too wide."""
    legend: str = ""
    """Its meaning; "" where the heading says it."""
    fill: Callable[[int], Sequence[str]] | None = None
    """Makes the cells again for a width in characters, so that the column takes the rest of the line."""

    @property
    def width(self) -> int:
        """Characters of the longest line."""
        lines = [line for text in (self.heading, *self.cells) for line in text.split("\n")]
        return max(self.min_width, *map(cell_len, lines))


@dataclass(frozen=True)
class FittedColumns:
    """The columns that fit the console."""

    columns: tuple[Column, ...]
    """In their order."""
    padding: Padding
    """Around each cell."""
    spare: int
    """Characters of a line that are left; negative if the columns that are never dropped are too wide."""


def measure_width(columns: Sequence[Column], padding: Padding) -> int:
    """Return the width of a table in characters, without padding left of the first cell and right of the last."""
    _, right, _, left = padding
    gaps = len(columns) - 1
    return sum(column.width for column in columns) + gaps * (left + right + 1)


def fit_columns(
    columns: Sequence[Column], width: int, paddings: Sequence[Padding] = (WIDE,), compact_until: int = 0
) -> FittedColumns:
    """Choose the columns of the widest table that fits.

    From the lowest ``drop_order`` on, columns are added as long as they fit.

    Args:
        columns: The columns, in their order.
        width: Characters of a line.
        paddings: From wide to tight; the first one that fits is taken.
        compact_until: For columns up to this ``drop_order``, padding is reduced before one is dropped, and one that is
            too wide doesn't exclude the next. Those above are only added if all have the first padding.
    """
    levels = {0}
    fitted = _fit_levels(columns, levels, width, paddings) or _lay_out(columns, levels, width, paddings[-1])
    for level in sorted({column.drop_order for column in columns} - levels):
        wider = _fit_levels(columns, {*levels, level}, width, paddings if level <= compact_until else paddings[:1])
        if wider is not None:
            fitted = wider
            levels.add(level)
        elif level > compact_until:
            break
    return _fill(fitted, width)


def _fit_levels(
    columns: Sequence[Column], levels: Collection[int], width: int, paddings: Sequence[Padding]
) -> FittedColumns | None:
    """Return the columns of some levels with the first padding that fits; None if none does."""
    tried = (_lay_out(columns, levels, width, padding) for padding in paddings)
    return next((fitted for fitted in tried if fitted.spare >= 0), None)


def _lay_out(columns: Sequence[Column], levels: Collection[int], width: int, padding: Padding) -> FittedColumns:
    kept = tuple(column for column in columns if column.drop_order in levels)
    return FittedColumns(kept, padding, width - measure_width(kept, padding))


def _fill(fitted: FittedColumns, width: int) -> FittedColumns:
    """Give the rest of the width to the column that can fill it."""
    room = max(0, fitted.spare)
    columns = tuple(
        column if column.fill is None else replace(column, cells=column.fill(column.width + room))
        for column in fitted.columns
    )
    return FittedColumns(columns, fitted.padding, width - measure_width(columns, fitted.padding))


def list_legends(fitted: FittedColumns) -> list[str]:
    """List the meanings of the columns that fit, each after its heading."""
    return [f"{' '.join(column.heading.split())}: {column.legend}" for column in fitted.columns if column.legend]


def make_table(
    fitted: FittedColumns,
    row_styles: Sequence[str],
    section_ends: Collection[int] = (),
    vertical: Literal["top", "bottom"] = "bottom",
) -> Table:
    """Make a table.

    Args:
        fitted: Its columns.
        row_styles: One Rich style per row.
        section_ends: Indices of the rows that are followed by a line.
        vertical: Alignment of headings and cells with fewer lines than their neighbours.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=fitted.padding, pad_edge=False, show_edge=False)
    for column in fitted.columns:
        table.add_column(
            Text(column.heading),
            justify=column.justify,
            style=column.style,
            vertical=vertical,
            min_width=column.min_width,
            no_wrap=not column.folds,
            overflow="fold" if column.folds else "ellipsis",
        )
    rows = zip(*(column.cells for column in fitted.columns), strict=True)
    for place, (cells, style) in enumerate(zip(rows, row_styles, strict=True)):
        table.add_row(*map(Text, cells), style=style, end_section=place in section_ends)
    return table
