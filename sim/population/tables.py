"""The two Parquet tables of a population: its drives, and its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from scenarios.common.errors import InputError
from sim.population.population import EpisodeValues, Population, Unit
from sim.statistics.ranking import Direction

DRIVES, METRICS = "drives.parquet", "metrics.parquet"
FACTS = ("unit", "family", "recipe", "training_seed", "training_step", "copy_of")
DRIVE_COLUMNS = {
    **dict.fromkeys(("unit", "family", "recipe"), "string"),
    **dict.fromkeys(("training_seed", "training_step"), "int64"),
    "copy_of": "string",
    **dict.fromkeys(("scenario", "perturbation"), "string"),
    "episode": "int64",
    "success": "bool",
}
METRIC_COLUMNS = {
    **dict.fromkeys(("unit", "metric", "better", "scenario"), "string"),
    "episode": "int64",
    "value": "float64",
}
NULLABLE = ("training_seed", "training_step", "copy_of", "value")
OPTIONAL = {"copy_of"}  # columns that tables from elsewhere may lack
Columns = Mapping[str, np.ndarray | list[Any]]
Groups = dict[tuple[Any, ...], EpisodeValues]


def write_population(folder: Path, population: Population) -> None:
    """Write both tables of a population into a folder, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    drives = [
        ((unit.name, unit.family, unit.recipe, unit.training_seed, unit.training_step, unit.copy_of, *cell), episodes)
        for unit in population.units
        for cell, episodes in unit.successes.items()
    ]
    metrics = [
        ((unit.name, metric, population.direction(metric), scenario), episodes)
        for unit in population.units
        for (metric, scenario), episodes in unit.metrics.items()
    ]
    _write_table(folder / DRIVES, DRIVE_COLUMNS, drives)
    _write_table(folder / METRICS, METRIC_COLUMNS, metrics)


def read_population(folder: Path) -> Population:
    """Read a population from the folder of both tables; the second may be missing.

    Raises:
        InputError: The first table isn't there; or one can't be read, lacks a column, holds an empty or repeated entry,
            or contradicts itself.
    """
    if not (folder / DRIVES).is_file():
        raise InputError(
            f"'{folder}' holds no run of sim.evaluate and no '{DRIVES}': name a folder of results, or give "
            "--population DIR, which drives what 'python -m policies.train population --out DIR' has made"
        )
    driven = _read_groups(folder / DRIVES, DRIVE_COLUMNS)
    scored = _read_groups(folder / METRICS, METRIC_COLUMNS) if (folder / METRICS).is_file() else {}
    where = f"'{folder / METRICS}'"
    facts = _gather_facts(driven, f"'{folder / DRIVES}'")
    strangers = [key[0] for key in scored if key[0] not in facts]
    if strangers:
        raise InputError(f"{where}: unit '{strangers[0]}' doesn't stand in '{folder / DRIVES}'")
    successes: dict[str, dict[tuple[str, str], EpisodeValues]] = {name: {} for name in facts}
    metrics: dict[str, dict[tuple[str, str], EpisodeValues]] = {name: {} for name in facts}
    for (name, *_, scenario, perturbation), episodes in driven.items():
        successes[name][scenario, perturbation] = episodes
    for (name, metric, _, scenario), episodes in scored.items():
        metrics[name][metric, scenario] = episodes
    units = tuple(
        Unit(name, family, recipe, seed, step, successes[name], metrics[name], copy_of)
        for name, family, recipe, seed, step, copy_of in facts.values()
    )
    return Population(units, _gather_directions(scored, where))


def read_stored(folder: Path) -> Population:
    """Read a population as ``read_population`` does; one without units if the folder has no tables."""
    return read_population(folder) if (folder / DRIVES).is_file() else Population((), {})


def _write_table(
    path: Path, columns: Mapping[str, str], groups: Sequence[tuple[tuple[Any, ...], EpisodeValues]]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts = [len(episodes.numbers) for _, episodes in groups]
    *names, number, value = columns
    content: dict[str, Any] = {
        name: [entry for (key, _), count in zip(groups, counts, strict=True) for entry in [key[place]] * count]
        for place, name in enumerate(names)
    }
    content[number] = np.concatenate([np.zeros(0), *(episodes.numbers for _, episodes in groups)]).astype(np.int64)
    values = np.concatenate([np.zeros(0), *(episodes.values for _, episodes in groups)])
    content[value] = values.astype(bool) if columns[value] == "bool" else values
    arrays = [pa.array(content[name], pa.type_for_alias(kind), from_pandas=True) for name, kind in columns.items()]
    pq.write_table(pa.table(dict(zip(columns, arrays, strict=True))), path, compression="zstd")


def _read_groups(path: Path, columns: Mapping[str, str]) -> Groups:
    """The episodes of each combination of the other columns, in order of appearance."""
    content = _read_columns(path, columns)
    *names, number, value = columns
    rows = list(zip(*(content[name] for name in names), strict=True))
    numbers = np.array(content[number], np.int64)
    values = np.array(content[value], np.float64)
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(rows):
        places.setdefault(key, []).append(place)
    return {key: _order(numbers[found], values[found], key, path) for key, found in places.items()}


def _order(numbers: np.ndarray, values: np.ndarray, key: tuple[Any, ...], path: Path) -> EpisodeValues:
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    if (ordered[1:] == ordered[:-1]).any():
        again = int(ordered[1:][ordered[1:] == ordered[:-1]][0])
        raise InputError(f"'{path}': episode {again} of {', '.join(map(str, key))} appears twice")
    return EpisodeValues(ordered, values[order])


def _read_columns(path: Path, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"'{path}' is not a readable Parquet table ({str(error).splitlines()[0]})") from None
    for name in OPTIONAL & columns.keys() - set(table.column_names):
        table = table.append_column(name, pa.nulls(len(table), pa.type_for_alias(columns[name])))
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise InputError(f"'{path}' lacks the column '{missing[0]}': it needs {', '.join(columns)}")
    for name in (name for name, kind in columns.items() if kind == "bool" and name in table.column_names):
        if table[name].type != pa.bool_() and not set(table[name].to_pylist()) <= {0, 1, None}:
            raise InputError(f"'{path}': column '{name}' has entries other than true and false, or 1 and 0")
    try:
        typed = {name: table[name].cast(pa.type_for_alias(kind)) for name, kind in columns.items()}
    except pa.ArrowException as error:
        raise InputError(f"'{path}' has a column of the wrong type ({str(error).splitlines()[0]})") from None
    found = {name: column.to_pylist() for name, column in typed.items()}
    empty = [name for name, entries in found.items() if name not in NULLABLE and {None, ""} & set(entries)]
    if empty:
        raise InputError(f"'{path}': column '{empty[0]}' has empty entries")
    return found


def _gather_facts(driven: Groups, where: str) -> dict[str, tuple[Any, ...]]:
    """The facts of each unit."""
    facts: dict[str, tuple[Any, ...]] = {}
    for key in driven:
        known = facts.setdefault(key[0], key[: len(FACTS)])
        if known != key[: len(FACTS)]:
            raise InputError(
                f"{where}: unit '{key[0]}' has different facts in different rows: {known} and {key[: len(FACTS)]}"
            )
    return facts


def _gather_directions(scored: Groups, where: str) -> dict[str, Direction]:
    """The direction of each metric."""
    better: dict[str, Direction] = {}
    for _, metric, direction, _ in scored:
        if direction not in get_args(Direction):
            raise InputError(f"{where}: metric '{metric}' is better '{direction}': it can be smaller or larger")
        if better.setdefault(metric, cast(Direction, direction)) != direction:
            raise InputError(f"{where}: metric '{metric}' is better smaller in some rows, larger in others")
    return better
