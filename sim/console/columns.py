"""Tables that fit the screen: where it is narrow, columns move together, then give way one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

Padding = tuple[int, int, int, int]
"""Lines above, letters right, lines below and letters left of a cell."""
WIDE: Padding = (0, 1, 0, 1)
MEDIUM: Padding = (0, 1, 0, 0)
TIGHT: Padding = (0, 0, 0, 0)


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    heading: str
    """What stands above it, in one or more lines."""
    cells: Sequence[str]
    """One per row, in one or more lines."""
    drop_order: int = 0
    """Columns of the highest number give way first; those of 0 never do."""
    justify: Literal["left", "right"] = "right"
    """Where its cells are aligned."""
    style: str = ""
    """Of the cells."""
    min_width: int = 0
    """Letters that it takes at least."""
    folds: bool = False
    """Whether its cells go on in another line where even the columns that never give way are too wide."""
    fill: Callable[[int], Sequence[str]] | None = None
    """Makes the cells anew for so many letters, so that the column takes what is left of the screen."""

    @property
    def width(self) -> int:
        """Letters of the longest line."""
        lines = [line for text in (self.heading, *self.cells) for line in text.split("\n")]
        return max(self.min_width, *map(cell_len, lines))


@dataclass(frozen=True)
class FittedColumns:
    """The columns that a screen has room for."""

    columns: tuple[Column, ...]
    """In their order."""
    padding: Padding
    """Around each cell."""
    spare: int
    """Letters of a line that are left; negative where even the columns that never give way are too wide."""


def measure_width(columns: Sequence[Column], padding: Padding) -> int:
    """Return the letters that a line of a table takes; nothing stands left of the first cell and right of the last."""
    _, right, _, left = padding
    gaps = len(columns) - 1
    return sum(column.width for column in columns) + gaps * (left + right + 1)


def fit_columns(
    columns: Sequence[Column], width: int, paddings: Sequence[Padding] = (WIDE,), compact_until: int = 0
) -> FittedColumns:
    """Choose the columns of the widest table that fits.

    From the lowest ``drop_order`` on, columns are added as long as they fit.

    Args:
        columns: In the order in which they are to stand.
        width: Letters of a line.
        paddings: From wide to tight; the first one that fits is taken.
        compact_until: Columns up to this ``drop_order`` are rather put tightly than dropped, and one of them that is
            too wide doesn't keep out the next. Those above are only added where all have the first padding.
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
    """The columns of some levels with the first padding that they fit with; None if they fit with none."""
    tried = (_lay_out(columns, levels, width, padding) for padding in paddings)
    return next((fitted for fitted in tried if fitted.spare >= 0), None)


def _lay_out(columns: Sequence[Column], levels: Collection[int], width: int, padding: Padding) -> FittedColumns:
    kept = tuple(column for column in columns if column.drop_order in levels)
    return FittedColumns(kept, padding, width - measure_width(kept, padding))


def _fill(fitted: FittedColumns, width: int) -> FittedColumns:
    """Give what is left of the screen to the column that can fill it."""
    room = max(0, fitted.spare)
    columns = tuple(
        column if column.fill is None else replace(column, cells=column.fill(column.width + room))
        for column in fitted.columns
    )
    return FittedColumns(columns, fitted.padding, width - measure_width(columns, fitted.padding))


def make_table(
    fitted: FittedColumns,
    row_styles: Sequence[str],
    section_ends: Collection[int] = (),
    vertical: Literal["top", "bottom"] = "bottom",
) -> Table:
    """Draw a table.

    Args:
        fitted: Its columns.
        row_styles: One per row.
        section_ends: The rows below which a line is drawn.
        vertical: Where headings and cells of fewer lines than their neighbours are aligned.
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
