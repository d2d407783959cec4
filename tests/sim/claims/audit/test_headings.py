"""Laws of the headings of columns of errors."""

from __future__ import annotations

import pytest

from sim.claims.audit.headings import is_number, read_heading


@pytest.mark.parametrize(
    ("column", "metrics"),
    [
        ("mean absolute error", ("mae",)),
        ("Mean Abs. Error", ("mae",)),
        ("val_average_absolute_error", ("mae",)),
        ("mean squared errors", ("mse",)),
        ("mean square error(s)", ("mse",)),
        ("root-mean-square error", ("rmse",)),
        ("Root Mean Squared Error (low light)", ("rmse",)),
        ("RMS error", ("rmse",)),
    ],
)
def test_a_metric_is_known_by_its_name_in_full(column, metrics):
    assert read_heading(column).metrics == metrics


@pytest.mark.parametrize(
    "column",
    [
        *("offline error", "absolute error", "median absolute error", "mean absolute percentage error", "RMSE±std"),
        *("mean absolute error std", "mae_std (m/s)", "mae std (low light)"),
    ],
)
def test_other_errors_and_figures_about_errors_are_no_metric(column):
    found = read_heading(column)
    assert (found.metrics, found.about_errors) == ((), True)


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        *(("MAE (raw)", "raw"), ("MAE [Halved]", "halved"), ("MAE (normalized)", "normalised")),
        *(("MAE (m/s)", "raw"), ("MAE [m s⁻¹]", "raw"), ("MAE (m / s, rad/s)", "raw"), ("MAE in rad/s", "raw")),
        *(("MSE (m²/s²)", "raw"), ("mae (normalised actions)", "normalised")),
    ],
)
def test_a_known_unit_is_read(column, unit):
    found = read_heading(column)
    assert (found.unit, found.other_unit) == (unit, None)
    assert found.metrics


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        *(("MAE (cm/s)", "cm/s"), ("mae (m)", "m"), ("MAE [deg]", "deg"), ("MAE (%)", "%"), ("MAE (m/s²)", "m/s²")),
        *(("MAE (low light, cm/s)", "cm/s"), ("MAE, cm/s", "cm/s"), ("MAE in deg/s", "deg/s"), ("MAE (°/s)", "°/s")),
        *(("MAE (\u00d710⁻³)", "\u00d710⁻³"), ("MAE (1e-3)", "1e-3"), ("MAE (x100)", "x100"), ("MAE (s)", "s")),
    ],
)
def test_another_unit_or_a_factor_is_told(column, unit):
    found = read_heading(column)
    assert (found.unit, found.other_unit, found.metrics) == (None, unit, ("mae",))


@pytest.mark.parametrize(
    "text", ["low light", "3 s", "n=15", "10 seeds", "S", "w/o yaw", "val/test", "-", "half resolution"]
)
def test_a_condition_is_no_unit(text):
    found = read_heading(f"MAE ({text})")
    assert (found.metrics, found.unit, found.other_unit) == (("mae",), None, None)


@pytest.mark.parametrize("cell", ["0.2", ".5", "-3", "\u22120.3", "1e-3", "20 %", "0,25", "0.25 ± 0.03", "0.2 (0.1)"])
def test_a_number_may_have_a_deviation(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "n/a", "3 runs", "2024-01-05", "7b", "fine"])
def test_words_and_dates_are_no_numbers(cell):
    assert not is_number(cell)
