"""Laws of the printed audit."""

from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from sim.claims.audit.error_table import ErrorTable, ReportedError, published_errors
from sim.claims.audit.frame_labels import published_labels, select_frames
from sim.claims.audit.output import print_audit


def printed(table, width=140):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_audit(table, published_labels(), "the published labels", console)
    return console.file.getvalue()


def test_every_error_has_a_line_with_its_verdict():
    text = printed(published_errors())
    lines = text.splitlines()
    assert any("enhanced-2d" in line and "0.4374" in line and "worse than a baseline" in line for line in lines)
    assert (
        "0 of 29 errors beat every baseline whatever they mean, 10 are worse than the best one in every reading; of 19"
        in text
    )


def test_readings_in_which_an_open_error_beats_every_baseline_are_named():
    text = printed(ErrorTable((ReportedError("a", "mae", "0.2640", ("mae",), {"unit": "raw"}),)))
    assert "a mae 0.2640 beats every baseline if it is 2-D raw, 3-D raw on all frames" in text


def test_what_baselines_score_is_printed():
    text = printed(ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {}),)))
    median = next(line for line in text.splitlines() if line.startswith("MAE") and "median" in line)
    assert median.split()[2:5] == ["0.4002", "0.2668", "0.2001"]
    assert "HUBER" not in text


def test_baselines_of_every_metric_that_a_reading_used_are_printed():
    text = printed(ErrorTable((ReportedError("a", "loss", "0.2", ("mse", "huber"), {}),)))
    metrics = [line.split()[0] for line in text.split("What baselines score")[1].splitlines() if "median" in line]
    assert metrics == ["MSE", "HUBER"]


def test_columns_that_are_not_read_are_said():
    text = printed(ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {}),), ("fps", "mae_std"), ("MAE (cm/s)",)))
    assert "\ncolumns left out: 'fps', 'mae_std'\n" in text
    assert (
        "\ncolumns left out, as their unit isn't known: 'MAE (cm/s)' (known are 'raw' (or 'm/s', 'rad/s'), 'halved', "
        "'normalised')\n" in text
    )
    assert "left out" not in printed(ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {}),)))


def test_frames_without_labels_are_said():
    text = printed(ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {"frames": "middle"}),)))
    assert "a: there are no labels for what the table states, frames 'middle': give --dataset" in text


def test_axes_that_a_data_set_lacks_are_neither_scored_nor_shown():
    labels = select_frames([np.array([[1.15, 0.0, 0.0], [1.15, 0.0, 1.15]])], ("wz",))
    console = Console(file=io.StringIO(), width=140, no_color=True)
    print_audit(
        ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {"frames": "all"}),)), labels, "these labels", console
    )
    text = console.file.getvalue()
    assert "the labels have wz alone: 3-D is wz" in text
    zero = next(line for line in text.splitlines() if line.startswith("MAE") and "zero" in line)
    assert zero.split()[2:] == ["0.5750", "0.2875", "0.5000"]
    assert "2-D" not in text.split("What baselines score")[1]


def test_where_no_labels_fit_nothing_is_said_of_baselines():
    labels = select_frames([np.array([[1.15, 0.0, 0.0]])])
    console = Console(file=io.StringIO(), width=140, no_color=True)
    print_audit(
        ErrorTable((ReportedError("a", "mae", "0.1", ("mae",), {"frames": "without-first"}),)), labels, "these", console
    )
    assert console.file.getvalue().strip() == "a: there are no labels for what the table states, frames 'without-first'"


def test_the_table_fits_a_page():
    assert max(map(len, printed(published_errors()).splitlines()[:20])) <= 140
