"""The plan of the population in words and as a table, with what it is expected to take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from policies.train.population.units.claims import SENTENCES
from policies.train.population.units.costs import estimate_cpu_minutes, estimate_megabytes
from policies.train.population.units.unit import PopulationUnit

COLUMNS = ("unit", "how", "family", "seed", "step", "demos", "CPU min", "MB", "claims")
RIGHT = ("seed", "step", "demos", "CPU min", "MB")


def describe_population(units: Sequence[PopulationUnit], out: Path, threads: int) -> str:
    """Describe what is going to be made, before it is: how many units of each kind, how long, how large."""
    kinds = Counter(unit.kind for unit in units)
    minutes = sum(estimate_cpu_minutes(unit) for unit in units)
    megabytes = sum(estimate_megabytes(unit) for unit in units)
    served = {claim for unit in units for claim in unit.claims}
    seeds = {unit.training_seed for unit in units}
    return (
        f"The population: {len(units)} units ({', '.join(f'{count} {kind}' for kind, count in kinds.items())}) of "
        f"{len({unit.family for unit in units})} families with {len(seeds)} training seeds, for {len(served)} of "
        f"{len(SENTENCES)} claims, into '{out}'. Expected: {minutes / 60.0:.1f} CPU hours, so "
        f"{minutes / 60.0 / threads:.1f} hours on {threads} quiet cores, beyond recordings, backbones and features, "
        f"and less the time for what the work folder already contains; {megabytes:.0f} MB."
    )


def list_units(units: Sequence[PopulationUnit]) -> Table:
    """Build a table of units, one a row."""
    table = Table(title=f"{len(units)} units of the population", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in RIGHT else "left", no_wrap=name == "unit")
    for unit in units:
        numbers = (f"{estimate_cpu_minutes(unit):.1f}", f"{estimate_megabytes(unit):.1f}")
        demonstrations = str(unit.demonstrations or "all")
        facts = (str(unit.training_seed), str(unit.training_step), demonstrations, *numbers)
        table.add_row(unit.name, unit.kind, unit.family, *facts, ", ".join(unit.claims))
    return table
