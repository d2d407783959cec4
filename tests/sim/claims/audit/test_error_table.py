"""Laws of tables of reported errors."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from policies.systems.table import PUBLISHED
from scenarios.common.errors import InputError
from sim.claims.audit.error_table import published_errors, read_error_table


def read(tmp_path: Path, text: str):
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    return read_error_table(tmp_path / "table.csv").errors


def read_table(tmp_path: Path, text: str):
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    return read_error_table(tmp_path / "table.csv")


def test_the_published_table_has_20_errors_and_9_losses_of_21_systems():
    found = published_errors().errors
    assert len({each.name for each in found}) == len(PUBLISHED) == 21
    assert [sum(each.column == column for each in found) for column in ("mae", "val_loss")] == [20, 9]


def test_published_errors_state_their_frames_where_the_comparison_does():
    stated = {each.name: (each.stated["frames"], each.samples) for each in published_errors().errors if each.stated}
    assert stated == {
        "first-frame": ("first", 15),
        "no-first-frame-random": ("without-first", 15),
        "no-first-frame-middle": ("without-first", 15),
    }


def test_a_column_means_what_its_name_says(tmp_path):
    found = read(tmp_path, "model,val_mae,test-MSE,loss,fps\na,0.25,0.1,0.2,30\nb,,0.3,,\n")
    assert [(each.name, each.column, each.text, each.metrics) for each in found] == [
        ("a", "val_mae", "0.25", ("mae",)),
        ("a", "test-MSE", "0.1", ("mse",)),
        ("a", "loss", "0.2", ("mse", "huber")),
        ("b", "test-MSE", "0.3", ("mse",)),
    ]


@pytest.mark.parametrize("column", ["MAE (low light)", "mae high speed", "mae lane change", "mae, delta actions"])
def test_conditions_of_an_error_leave_it_one(tmp_path, column):
    with (tmp_path / "table.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["system", column], ["a", "0.25"]])
    assert [each.column for each in read_error_table(tmp_path / "table.csv").errors] == [column]


@pytest.mark.parametrize(
    ("column", "metrics"),
    [
        ("L1 loss", ("mae",)),
        ("l2_loss", ("mse",)),
        ("smooth L1 loss", ("huber",)),
        ("val loss", ("mse", "huber")),
        ("loss (mae)", ("mae",)),
    ],
)
def test_a_loss_is_the_one_that_its_column_names(tmp_path, column, metrics):
    assert read(tmp_path, f"model,{column}\na,0.25\n")[0].metrics == metrics


def test_columns_about_errors_are_not_errors(tmp_path):
    found = read(tmp_path, "model,mae,mae_std,MAE rank,loss reduction,n mse\na,0.25,0.01,1,0.5,100\n")
    assert [(each.column, each.text) for each in found] == [("mae", "0.25")]


def test_names_of_columns_are_read_in_any_case(tmp_path):
    (found,) = read(tmp_path, "step,Model,MAE,Unit,Axes,Frames,Samples\n5,a,0.25,raw,2,all,9\n")
    assert (found.name, dict(found.stated), found.samples) == ("a", {"unit": "raw", "axes": "2", "frames": "all"}, 9)


def test_what_is_stated_about_a_row_is_read(tmp_path):
    (found,) = read(tmp_path, "mae,name,unit,axes,frames,samples\n0.25,a,halved,3,first,15\n")
    assert (found.name, dict(found.stated), found.samples) == (
        "a",
        {"unit": "halved", "axes": "3", "frames": "first"},
        15,
    )


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("0.25", 0.005),
        ("0.2500", 0.00005),
        ("1", 0.5),
        ("1e-3", 0.0005),
        ("2.5e-3", 0.00005),
        ("25e-2", 0.005),
        ("1.5e1", 0.5),
        ("1E2", 50.0),
    ],
)
def test_a_figure_is_rounded_to_its_last_decimal(tmp_path, text, half):
    assert read(tmp_path, f"a,mae\nx,{text}\n")[0].rounded_to == pytest.approx(half)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,fps\na,3\n", "line 1: no column is an offline error"),
        ("", "table.csv: the file is empty; its first line must name the columns, such as 'system,mae'"),
        ("\n", "table.csv: the file is empty"),
        ("name,fps\na,3\n", "'mae', 'l1', 'mse', 'l2', 'rmse', 'huber', 'loss', 'smooth l1', or a name in full"),
        ("name,mae\n", "the table has no errors"),
        ("name,mae\na,x\n", "line 2: 'mae' must be a number from 0 on"),
        ("name,mae\na,-0.1\n", "line 2: 'mae' must be a number from 0 on"),
        ("name,mae\na,nan\n", "line 2: 'mae' must be a number from 0 on"),
        ("name,mae,unit\na,0.1,halve\n", "line 2: unknown unit 'halve': did you mean 'halved'"),
        ("name,mae,samples\na,0.1,0\n", "line 2: 'samples' must be a whole number from 1 on"),
        ("name,mae,frame\na,0.25,first\n", "line 1: column 'frame': did you mean 'frames'?"),
        ("name;mae\na;0.25\n", "line 1: no column is an offline error"),
        ("name;mae\na;0.25\n", "this one has name;mae; cells are separated by commas, not by semicolons"),
        ("name\tmae\na\t0.25\n", "line 1: no column is an offline error"),
        ("name\tmae\na\t0.25\n", r"this one has name\tmae; cells are separated by commas, not by tabs"),
        ("name\tMAE, seen\tMAE, unseen\n", "not by tabs"),
        (
            "name,MAE (cm/s)\na,20\n",
            "line 1: no column is an offline error in a known unit: 'MAE (cm/s)' is in 'cm/s'; "
            "known are 'raw' (or 'm/s', 'rad/s'), 'halved', 'normalised'",
        ),
        (
            "name,MAE (m/s),unit\na,0.2,halved\n",
            "line 2: 'unit' says 'halved', but the heading 'MAE (m/s)' says 'raw'; give one of them",
        ),
        ("name,mae,MAE\na,0.25,0.9\n", "line 1: two columns are named 'mae'"),
        ("name,mae\na,0.1,0.2\n", "line 2: 3 cells, but the first line names 2 columns"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError) as failure:
        read(tmp_path, text)
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_table_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError):
        read_error_table(tmp_path / "none.csv")


def test_names_with_commas_and_quotes_are_read_as_csv_writes_them(tmp_path):
    with (tmp_path / "table.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["system", "mae"], ['a, "b"', "0.5"]])
    assert read_error_table(tmp_path / "table.csv").errors[0].name == 'a, "b"'


def test_columns_with_numbers_that_are_not_read_are_listed(tmp_path):
    found = read_table(
        tmp_path,
        "step,name,mae,offline error,RMSE±std,mae_std,remarks,unit,axes,frames,samples,MAE (cm/s),\n"
        "5,a,0.2,0.3,0.25 ± 0.03,0.01,fine,raw,2,all,9,20,7\n",
    )
    assert [(each.name, each.column) for each in found.errors] == [("a", "mae")]
    assert found.left_out == ("step", "offline error", "RMSE±std", "mae_std")
    assert found.in_other_units == ("MAE (cm/s)",)


def test_a_first_column_that_names_the_rows_is_not_left_out(tmp_path):
    found = read_table(tmp_path, "step,mae\n500,0.2\n")
    assert (found.errors[0].name, found.left_out) == ("500", ())


@pytest.mark.parametrize("text", ["mae,fps\n0.2,30\n\n0.3,20\n", "unit,mae\nraw,0.2\nraw,0.3\n"])
def test_rows_without_a_name_are_numbered(tmp_path, text):
    assert [each.name for each in read(tmp_path, text)] == ["row 1", "row 2"]


@pytest.mark.parametrize("first", ["mae_std", "MAE (cm/s)", "offline error"])
def test_a_figure_about_errors_names_no_row(tmp_path, first):
    assert read(tmp_path, f"{first},mae\n0.2,0.2\n")[0].name == "row 1"


def test_a_row_whose_name_is_empty_is_numbered(tmp_path):
    assert [each.name for each in read(tmp_path, "mae,name\n0.2,a\n0.3,\n")] == ["a", "row 2"]


def test_a_heading_states_the_unit_of_its_column_alone(tmp_path):
    found = read(tmp_path, "system,MAE (m/s),MAE [normalized],mae\na,0.2,0.3,0.4\n")
    assert [dict(each.stated) for each in found] == [{"unit": "raw"}, {"unit": "normalised"}, {}]


def test_a_cell_may_spell_a_unit_as_a_heading_does(tmp_path):
    assert read(tmp_path, "system,mae,unit\na,0.2,m/s\n")[0].stated == {"unit": "raw"}
