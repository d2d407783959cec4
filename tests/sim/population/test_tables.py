"""Laws of the tables of a population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scenarios.common.errors import InputError
from sim.population.population import EpisodeValues, Population, Unit
from sim.population.tables import DRIVE_COLUMNS, DRIVES, METRIC_COLUMNS, METRICS, read_population, write_population


def episodes(*values):
    return EpisodeValues(np.arange(len(values)), np.array(values, np.float64))


POPULATION = Population(
    (
        Unit(
            name="cnn-1",
            family="cnn",
            recipe="cnn",
            training_seed=1,
            training_step=400,
            successes={("corridor", "none"): episodes(1, 0, 1), ("corridor", "lighting=2"): episodes(0, 0, 1)},
            metrics={("mae", "corridor"): episodes(0.1, 0.25), ("skill", "corridor"): episodes(0.5, float("nan"))},
        ),
        Unit("straight", "straight", "straight", None, None, {("corridor", "none"): episodes(0, 0, 0)}, {}),
    ),
    {"mae": "smaller", "skill": "larger"},
)


def flatten(population):
    """All that a population holds, as plain data."""
    return [
        (
            *(unit.name, unit.family, unit.recipe, unit.training_seed, unit.training_step, unit.copy_of),
            *_entries(unit.successes),
            *_entries(unit.metrics),
        )
        for unit in population.units
    ]


def _entries(part):
    return [
        (key, each.numbers.tolist(), [None if np.isnan(one) else one for one in each.values])
        for key, each in part.items()
    ]


def rewrite(path, **columns):
    table = pq.read_table(path)
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    pq.write_table(table, path)


def test_tables_from_elsewhere_need_not_say_what_is_a_copy(tmp_path):
    trained, straight = POPULATION.units
    copy = replace(trained, name="cnn-1-noisy", recipe="cnn noise", copy_of=trained.course)
    write_population(tmp_path, Population((trained, straight, copy), POPULATION.better))
    assert [unit.training for unit in read_population(tmp_path).units] == ["cnn, seed 1", "straight", "cnn, seed 1"]
    pq.write_table(pq.read_table(tmp_path / DRIVES).drop_columns(["copy_of"]), tmp_path / DRIVES)
    assert [unit.training for unit in read_population(tmp_path).units][-1] == "cnn noise, seed 1"


def test_a_population_that_was_written_is_read_again(tmp_path):
    write_population(tmp_path / "new" / "folder", POPULATION)
    again = read_population(tmp_path / "new" / "folder")
    assert flatten(again) == flatten(POPULATION)
    assert again.better == POPULATION.better
    assert (again.scenarios, again.perturbations, again.families) == (
        ("corridor",),
        ("lighting=2",),
        ("cnn", "straight"),
    )


def test_the_tables_have_the_documented_columns_and_types(tmp_path):
    write_population(tmp_path, POPULATION)
    for name, columns in ((DRIVES, DRIVE_COLUMNS), (METRICS, METRIC_COLUMNS)):
        schema = pq.read_schema(tmp_path / name)
        assert {field.name: field.type for field in schema} == {
            key: pa.type_for_alias(kind) for key, kind in columns.items()
        }
        for column in columns:
            assert f"\n    {column} " in Population.__doc__


def test_rows_may_stand_in_any_order(tmp_path):
    write_population(tmp_path, POPULATION)
    table = pq.read_table(tmp_path / DRIVES)
    pq.write_table(table.take(list(range(len(table)))[::-1]), tmp_path / DRIVES)
    again = {unit.name: unit for unit in read_population(tmp_path).units}
    assert again["cnn-1"].successes["corridor", "none"].values.tolist() == [1.0, 0.0, 1.0]


def test_success_may_be_written_as_numbers(tmp_path):
    write_population(tmp_path, POPULATION)
    won = pq.read_table(tmp_path / DRIVES)["success"].to_pylist()
    rewrite(tmp_path / DRIVES, success=[float(each) for each in won])
    assert flatten(read_population(tmp_path)) == flatten(POPULATION)


def test_without_metrics_there_are_drives_alone(tmp_path):
    write_population(tmp_path, POPULATION)
    (tmp_path / METRICS).unlink()
    assert read_population(tmp_path).better == {}


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        (DRIVES, {"episode": [0] * 9}, "episode 0 of cnn-1, .* appears twice"),
        (DRIVES, {"family": ["a", *["cnn"] * 8]}, "different facts"),
        (DRIVES, {"success": [None, *[True] * 8]}, "'success' has empty entries"),
        (DRIVES, {"training_seed": ["one"] * 9}, "wrong type"),
        (DRIVES, {"success": [0.7, *[1.0] * 8]}, "'success' has entries other than true and false, or 1 and 0"),
        (DRIVES, {"perturbation": ["", *["none"] * 8]}, "'perturbation' has empty entries"),
        (METRICS, {"better": ["smaller", "larger", "larger", "larger"]}, "smaller in some rows"),
        (METRICS, {"better": ["lower"] * 4}, "is better 'lower': it can be smaller or larger"),
        (METRICS, {"unit": ["nobody"] * 4}, "'nobody' doesn't stand in"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_with_the_place(tmp_path, table, columns, words):
    write_population(tmp_path, POPULATION)
    rewrite(tmp_path / table, **columns)
    with pytest.raises(InputError, match=words):
        read_population(tmp_path)


def test_a_missing_file_or_column_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no run of sim.evaluate and no 'drives.parquet'"):
        read_population(tmp_path)
    (tmp_path / DRIVES).write_text("unit,family")
    with pytest.raises(InputError, match=r"drives.parquet' is not a readable"):
        read_population(tmp_path)
    write_population(tmp_path, POPULATION)
    pq.write_table(pq.read_table(tmp_path / DRIVES).drop_columns(["recipe"]), tmp_path / DRIVES)
    with pytest.raises(InputError, match="lacks the column 'recipe'"):
        read_population(tmp_path)
