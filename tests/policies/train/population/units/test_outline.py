from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from policies.train.population.units.costs import estimate_cpu_minutes
from policies.train.population.units.outline import describe_population, list_units
from policies.train.population.units.plan import plan_units

UNITS = plan_units()


def test_the_plan_says_how_many_units_there_are_how_long_they_take_and_how_large_they_get() -> None:
    hours = sum(map(estimate_cpu_minutes, UNITS)) / 60.0
    told = describe_population(UNITS, Path("runs/mine"), 2)
    assert f"{len(UNITS)} units" in told
    assert "for 9 of 9 claims, into 'runs/mine'" in told
    assert f"{hours:.1f} CPU hours, so {hours / 2:.1f} hours on 2 quiet cores" in told
    assert told.endswith(" MB.")


def test_every_unit_has_a_row_and_a_row_fits_a_wide_terminal() -> None:
    file = io.StringIO()
    Console(file=file, width=160).print(list_units(UNITS))
    lines = file.getvalue().splitlines()
    assert all(any(unit.name in line for line in lines) for unit in UNITS)
    assert "…" not in file.getvalue()
