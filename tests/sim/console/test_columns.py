"""Laws of tables that fit the console."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.measure import Measurement

from sim.console.columns import MEDIUM, TIGHT, WIDE, Column, FittedColumns, fit_columns, make_table, measure_width

CELLS = st.text("ab[]/ 漢", max_size=12)
COLUMNS = st.lists(st.builds(Column, CELLS, st.tuples(CELLS, CELLS), st.integers(0, 4)), min_size=1, max_size=6).map(
    lambda columns: [Column("name", ("a", "b"), 0), *columns]
)
PADDINGS = st.sampled_from([(WIDE,), (MEDIUM,), (WIDE, MEDIUM, TIGHT)])


def print_lines(fitted, width):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(make_table(fitted, ["", "dim"], section_ends=[0]))
    return console.file.getvalue().splitlines()


@given(COLUMNS, st.sampled_from([WIDE, MEDIUM, TIGHT]))
def test_the_measured_width_is_that_of_the_rendered_table(columns, padding):
    console = Console(width=10_000)
    table = make_table(FittedColumns(tuple(columns), padding, 0), ["", ""])
    assert measure_width(columns, padding) == Measurement.get(console, console.options, table).maximum


@given(COLUMNS, st.integers(1, 90), PADDINGS, st.integers(0, 4))
def test_columns_that_are_never_dropped_stay_and_others_only_if_they_fit(columns, width, paddings, compact_until):
    fitted = fit_columns(columns, width, paddings, compact_until)
    essential = [column for column in columns if column.drop_order == 0]
    assert [column for column in fitted.columns if column.drop_order == 0] == essential
    assert fitted.spare == width - measure_width(fitted.columns, fitted.padding)
    assert fitted.spare >= 0 or list(fitted.columns) == essential
    assert list(fitted.columns) == [column for column in columns if column in fitted.columns]
    if any(column.drop_order > compact_until for column in fitted.columns):
        assert fitted.padding == paddings[0]


@given(COLUMNS, st.integers(1, 90), PADDINGS)
def test_the_highest_drop_order_is_dropped_first_and_a_wider_console_shows_no_less(columns, width, paddings):
    kept = {column.drop_order for column in fit_columns(columns, width, paddings).columns}
    dropped = {column.drop_order for column in columns} - kept
    assert not dropped or max(kept) < min(dropped)
    assert kept <= {column.drop_order for column in fit_columns(columns, width + 1, paddings).columns}


def test_padding_is_reduced_before_a_column_is_dropped_and_a_wide_column_does_not_exclude_a_narrow_one():
    columns = [Column("name", ["ab"]), Column("wide", ["x" * 30], 1), Column("b", ["1"], 2), Column("c", ["2"], 3)]
    shown = {
        width: "".join(column.heading[0] for column in fit_columns(columns, width, (WIDE, TIGHT), 2).columns)
        for width in (45, 44, 37, 36, 34, 12, 11, 6, 5)
    }
    assert shown == {45: "nwbc", 44: "nwb", 37: "nwb", 36: "nw", 34: "nbc", 12: "nbc", 11: "nb", 6: "nb", 5: "n"}


def test_one_column_fills_the_rest_of_the_line():
    column = Column("failures", ["abc"], 1, fill=lambda width: ["x" * width])
    fitted = fit_columns([Column("name", ["a"]), column], 40)
    assert fitted.columns[1].cells == ["x" * (40 - 4 - 3)]
    assert fitted.spare == 0
    assert [column.heading for column in fit_columns([Column("name", ["a"]), column], 10).columns] == ["name"]


@pytest.mark.parametrize("width", [12, 40])
def test_cells_are_plain_text_and_a_section_ends_with_a_line(width):
    columns = [Column("name", ["a[b]", "c"], justify="left"), Column("first\nrate", ["50 %", "7 %"])]
    lines = print_lines(fit_columns(columns, width, (MEDIUM,)), width)
    assert [line.rstrip() for line in lines] == [
        "      first",
        "name   rate",
        "───────────",
        "a[b]   50 %",
        "",
        "c       7 %",
    ]
