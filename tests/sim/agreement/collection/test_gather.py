"""Laws of gathering both tables."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.agreement.collection.gather import drop_changed_units, gather_tables, read_costs
from sim.agreement.collection.unit_facts import list_units, remember_units
from sim.population.tables import read_population

from ...claims.unit_runs import write_run
from .unit_results import make_facts, make_score, write_scores


@pytest.fixture
def folder(tmp_path):
    write_run(tmp_path / "population" / "u-1000", {"u-1000": {0, 2}}, episodes=4)
    write_run(tmp_path / "disturbed" / "u-1000", {"u-1000": {0}}, perturbed_wins={"u-1000": {1}}, episodes=2)
    scores = [make_score("mae", [0.1, None]), make_score("uwe", [], unavailable="no retrains")]
    write_scores(tmp_path / "metrics" / "u-1000" / "1.json", "u-1000", scores)
    (tmp_path / "cpu_seconds.json").write_text(json.dumps({"population": {"u-1000": 30.0}}))
    remember_units(tmp_path, (make_facts("u-1000"), make_facts("u-1001", seed=1001)))
    gather_tables(tmp_path)
    return tmp_path


def test_runs_and_scores_of_a_unit_are_one_unit_of_the_tables(folder):
    (unit,) = read_population(folder).units
    assert (unit.name, unit.family, unit.training_seed) == ("u-1000", "u", 1000)
    assert unit.successes["corridor", "none"].numbers.tolist() == [0, 1, 2, 3]
    assert unit.successes["corridor", "none"].values.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert unit.successes["corridor", "lighting=2"].values.tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(unit.metrics["mae", "corridor"].values, [0.1, np.nan])


def test_a_metric_that_is_not_available_is_not_in_the_tables(folder):
    population = read_population(folder)
    assert population.better == {"mae": "smaller"}


def test_costs_are_kept_beside_the_tables(folder):
    costs = read_costs(folder)
    assert costs.metrics["mae"].frames == 10
    assert costs.cpu_seconds == {"population": 30.0}
    assert read_costs(folder / "nowhere").metrics == {}


def edit_manifest(run, **changes):
    manifest = json.loads((run / "manifest.json").read_text())
    for policy in manifest["policies"].values():
        policy["weights"] = changes.pop("weights", policy["weights"])
    (run / "manifest.json").write_text(json.dumps(manifest | changes))


def test_the_hash_of_the_weights_that_drove_is_kept_in_the_list_of_units(tmp_path):
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    edit_manifest(run, weights="abc")
    remember_units(tmp_path, (make_facts("u-1000"), make_facts("u-1001", seed=1001)))
    gather_tables(tmp_path)
    assert {unit.name: unit.weights_sha256 for unit in list_units(tmp_path)} == {"u-1000": "abc", "u-1001": None}


def test_a_run_with_other_weights_than_the_tables_have_is_refused(tmp_path):
    remember_units(tmp_path, (make_facts("u-1000", weights_sha256="old"),))
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    edit_manifest(run, weights="old")
    gather_tables(tmp_path)
    before = (tmp_path / "drives.parquet").read_bytes()
    edit_manifest(run, weights="new")
    with pytest.raises(InputError, match="has results of 'u-1000' with other weights"):
        gather_tables(tmp_path)
    assert (tmp_path / "drives.parquet").read_bytes() == before


def test_runs_of_one_unit_with_different_weights_are_refused(tmp_path):
    remember_units(tmp_path, (make_facts("u-1000"),))
    for name in ("population", "disturbed"):
        edit_manifest(write_run(tmp_path / name / "u-1000", {"u-1000": {0}}), weights=name)
    with pytest.raises(InputError, match="has results of 'u-1000' with other weights"):
        gather_tables(tmp_path)


def test_results_of_no_unit_of_the_population_are_refused(tmp_path):
    write_run(tmp_path / "population" / "stranger", {"stranger": {0}})
    with pytest.raises(InputError, match="has results of 'stranger', which is no unit"):
        gather_tables(tmp_path)


def delete_runs(folder):
    for name in ("population", "disturbed", "metrics"):
        shutil.rmtree(folder / name)


def test_what_the_tables_hold_stays_when_other_units_join_without_its_runs(folder):
    before = (folder / "drives.parquet").read_bytes(), (folder / "metrics.parquet").read_bytes()
    delete_runs(folder)
    write_run(folder / "population" / "u-1001", {"u-1001": {1}}, episodes=4)
    gather_tables(folder)
    first, second = read_population(folder).units
    assert (first.name, second.name) == ("u-1000", "u-1001")
    assert first.successes["corridor", "none"].values.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert set(first.metrics) == {("mae", "corridor")}
    assert second.successes["corridor", "none"].values.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert read_costs(folder).metrics["mae"].frames == 10
    shutil.rmtree(folder / "population")
    write_run(folder / "population" / "u-1000", {"u-1000": {0, 2}}, episodes=4)
    drop_changed_units(folder, (make_facts("u-1001", weights_sha256="new"),))  # the stored hash isn't known
    assert len(read_population(folder).units) == 2
    assert before[1] == (folder / "metrics.parquet").read_bytes()


def test_what_a_unit_drives_later_joins_what_is_stored_of_it(folder):
    delete_runs(folder)
    write_run(folder / "more" / "u-1000", {"u-1000": {1, 5}}, episodes=6)
    write_scores(folder / "metrics" / "u-1000" / "1.json", "u-1000", [make_score("rmse", [0.4])])
    gather_tables(folder)
    (unit,) = read_population(folder).units
    assert unit.successes["corridor", "none"].values.tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert ("corridor", "lighting=2") in unit.successes
    assert {metric for metric, _ in unit.metrics} == {"mae", "rmse"}


def test_a_run_that_is_not_complete_is_left_out(folder):
    run = write_run(folder / "population" / "u-1001", {"u-1001": {1}}, episodes=4)
    lines = (run / "episodes.jsonl").read_text().splitlines(keepends=True)
    (run / "episodes.jsonl").write_text("".join(lines[:2]))
    (run / "summary.json").unlink()
    gather_tables(folder)
    assert [unit.name for unit in read_population(folder).units] == ["u-1000"]


def test_the_suites_that_a_unit_drove_whole_stand_in_the_list_of_units(tmp_path):
    runs = [write_run(tmp_path / name / "u-1000", {"u-1000": {0}}) for name in ("population", "mine")]
    suite = {"hash": "a", "conditions": "c", "name": "population", "changed": []}
    edit_manifest(runs[0], suite=suite)
    edit_manifest(runs[1], suite=suite | {"name": "mine", "changed": ["episodes"]})
    remember_units(tmp_path, (make_facts("u-1000"),))
    gather_tables(tmp_path)
    assert list_units(tmp_path)[0].suites == {"population": "c"}


def test_results_of_other_weights_are_dropped_from_the_tables(folder):
    remember_units(folder, (make_facts("u-1000", weights_sha256="old"),))
    drop_changed_units(folder, (make_facts("u-1000", weights_sha256="old"), make_facts("u-1001")))
    assert [unit.name for unit in read_population(folder).units] == ["u-1000"]
    drop_changed_units(folder, (make_facts("u-1000", weights_sha256="new"),))
    assert read_population(folder).units == ()


def test_units_that_drove_other_episodes_of_a_suite_are_refused(tmp_path):
    remember_units(tmp_path, (make_facts("u-1000"), make_facts("u-1001", suites={"population": "other"})))
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    edit_manifest(run, suite={"hash": "a", "conditions": "c", "name": "population", "changed": []})
    with pytest.raises(InputError, match=r"'u-1000' drove other episodes of the suite 'population' .* than 'u-1001'"):
        gather_tables(tmp_path)
