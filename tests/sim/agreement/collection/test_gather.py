"""Laws of gathering both tables."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.agreement.collection.gather import drop_changed_units, gather_tables, read_costs
from sim.agreement.collection.unit_facts import list_units, remember_units
from sim.population.population import EpisodeValues, Population, Unit
from sim.population.tables import read_population, write_population

from ...claims.unit_runs import write_run
from .unit_results import make_facts, make_score, write_scores

SUITE = {"hash": "a", "conditions": "c", "name": "population", "changed": []}


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


def test_copies_know_the_training_that_they_come_from(tmp_path):
    """A copy of a copy, too; an ensemble comes from several, and a checkpoint from its own."""
    facts = {
        "u-1000": make_facts("u-1000"),
        "u-1000-epoch-1": make_facts("u-1000-epoch-1", kind="checkpoint", recipe="u", parents=("u-1000",)),
        "u-1000-noisy": make_facts("u-1000-noisy", kind="noise", recipe="u noise", parents=("u-1000-epoch-1",)),
        "u-pair": make_facts("u-pair", kind="ensemble", recipe="pair", parents=("u-1000", "u-1000-noisy")),
        "hybrid-1002-onnx": make_facts("hybrid-1002-onnx", kind="onnx", seed=1002, parents=("hybrid-1002",)),
    }
    for name in facts:
        write_run(tmp_path / "population" / name, {name: {0}})
    remember_units(tmp_path, tuple(facts.values()))
    gather_tables(tmp_path)
    assert {unit.name: unit.copy_of for unit in read_population(tmp_path).units} == {
        "u-1000": None,
        "u-1000-epoch-1": None,
        "u-1000-noisy": "u, seed 1000",
        "u-pair": None,
        "hybrid-1002-onnx": "hybrid, seed 1002",
    }


def test_few_units_that_join_tables_do_not_replace_what_many_took(tmp_path):
    """Their means would be of these few alone, and of another machine."""
    names = [f"u-{seed}" for seed in (1000, 1001, 1002)]
    spent = {"population": dict.fromkeys(names, 30.0), "metrics": dict.fromkeys(names, 5.0)}
    scored_in(tmp_path / "first", names, seconds=2.0, spent=spent)
    (tmp_path / "second").mkdir()
    for file in ("drives.parquet", "metrics.parquet", "costs.json", "units.json"):
        shutil.copy(tmp_path / "first" / file, tmp_path / "second" / file)
    more = {name: {"v-1000": 900.0} for name in spent}
    scored_in(tmp_path / "second", ["v-1000"], seconds=8.0, spent=more)
    costs = read_costs(tmp_path / "second")
    assert costs.metrics["mae"].seconds == 2.0
    assert costs.cpu_seconds == {"population": 30.0, "metrics": 5.0}
    more = {name: dict.fromkeys(("v-1000", "v-1001", "v-1002"), 900.0) for name in spent}
    scored_in(tmp_path / "second", ["v-1001", "v-1002"], seconds=8.0, spent=more)
    costs = read_costs(tmp_path / "second")
    assert costs.metrics["mae"].seconds == 8.0
    assert costs.cpu_seconds == {"population": 900.0, "metrics": 900.0}


def scored_in(folder, names, *, seconds, spent):
    """Gather units that were driven and scored in a folder."""
    for name in names:
        write_run(folder / "population" / name, {name: {0, 2}}, episodes=4)
        edit_manifest(folder / "population" / name, suite=SUITE)
        write_scores(folder / "metrics" / name / "1.json", name, [make_score("mae", [0.1], seconds=seconds)])
    (folder / "cpu_seconds.json").write_text(json.dumps(spent))
    remember_units(folder, tuple(make_facts(name, seed=int(name.rsplit("-")[1])) for name in names))
    gather_tables(folder)


def finish(run):
    """Make a made-up run a complete one."""
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps(summary | {"complete": True}))


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
    write_run(tmp_path / "population" / "hybrid-1000", {"hybrid-1000": {0}})
    with pytest.raises(InputError, match=r"has results of 'stranger', which is no unit .*: add it to '.*units.json'"):
        gather_tables(tmp_path)


def test_policies_of_one_s_own_are_families_of_their_own_with_the_mae_of_their_run(tmp_path):
    runs = {"my.py:One": {0, 1}, "nets/two": {0}, "zero": set(), "blind": set()}
    run = write_run(tmp_path / "run", runs, {"my.py:One": [0.1, 0.3], "nets/two": [0.4, 0.2]})
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["policies"]["zero"]["privileged"] = True
    (run / "manifest.json").write_text(json.dumps(manifest))
    finish(run)
    gather_tables(run)
    population = read_population(run)
    assert [(unit.name, unit.family, unit.recipe) for unit in population.units] == [
        ("my.py:One", "my.py:One", "my.py:One"),
        ("two", "two", "two"),
    ]
    assert population.better == {"mae": "smaller"}
    assert population.units[0].metrics["mae", "corridor"].values.tolist() == [0.1, 0.3]


def test_the_list_says_which_policies_of_one_s_own_are_related_and_more_of_them_join(tmp_path):
    finish(write_run(tmp_path / "first", {"one": {0}, "two": {1}}, {"one": [0.1], "two": [0.2]}))
    gather_tables(tmp_path)
    units = json.loads((tmp_path / "units.json").read_text())
    (tmp_path / "units.json").write_text(json.dumps([{**unit, "family": "mine"} for unit in units]))
    finish(write_run(tmp_path / "second", {"three": {0}}, {"three": [0.3]}))
    write_scores(tmp_path / "metrics" / "one" / "1.json", "one", [make_score("mae", [0.7])])
    gather_tables(tmp_path)
    population = read_population(tmp_path)
    assert {unit.name: unit.family for unit in population.units} == {"one": "mine", "two": "mine", "three": "three"}
    assert population.units[0].metrics["mae", "corridor"].values.tolist() == [0.7]  # what was asked for comes first


def edit_seed(run, seed):
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["seeds"]["suite"] = seed
    (run / "manifest.json").write_text(json.dumps(manifest))


def test_other_episodes_of_a_policy_of_one_s_own_are_refused_also_after_its_run_is_gone(tmp_path):
    finish(write_run(tmp_path / "first", {"one": {0}, "two": {1}}, {"one": [0.1], "two": [0.2]}))
    gather_tables(tmp_path)
    shutil.rmtree(tmp_path / "first")
    run = write_run(tmp_path / "second", {"three": {0}}, {"three": [0.3]})
    finish(run)
    edit_seed(run, 99)
    with pytest.raises(InputError, match=r"'three' drove other episodes of 'corridor' .*seed 99\) than 'two' .*seed 0"):
        gather_tables(tmp_path)
    edit_seed(run, 0)
    gather_tables(tmp_path)
    assert len(read_population(tmp_path).units) == 3


def test_a_policy_of_one_s_own_that_was_trained_anew_replaces_itself(tmp_path):
    for name, weights, wins, mae in (("first", "old", {0, 1, 2}, [0.5, 0.5, 0.5]), ("second", "new", {0}, [0.1])):
        run = write_run(tmp_path / name, {"one": wins, "two": {0}}, {"one": mae, "two": [0.2]}, episodes=len(mae) + 3)
        finish(run)
        edit_manifest(run, weights=weights)
        gather_tables(tmp_path)
        shutil.rmtree(run)
    one = next(unit for unit in read_population(tmp_path).units if unit.name == "one")
    assert one.successes["corridor", "none"].values.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert one.metrics["mae", "corridor"].values.tolist() == [0.1]


def test_a_later_run_of_a_policy_of_one_s_own_replaces_its_mae(tmp_path):
    for name, mae in (("first", [0.5, 0.5]), ("second", [0.1, 0.2, 0.3])):
        run = write_run(tmp_path / name, {"one": {0}}, {"one": mae})
        finish(run)
        gather_tables(tmp_path)
        shutil.rmtree(run)
    (one,) = read_population(tmp_path).units
    assert one.metrics["mae", "corridor"].values.tolist() == [0.1, 0.2, 0.3]


def test_units_of_tables_of_one_s_own_stay_when_runs_join_them(tmp_path):
    values = EpisodeValues(np.arange(2), np.array([1.0, 0.0]))
    mine = Unit("mine", "family", "recipe", 7, 3, {("corridor", "none"): values}, {("mae", "corridor"): values})
    write_population(tmp_path, Population((mine,), {"mae": "smaller"}))
    finish(write_run(tmp_path / "run", {"other": {0}}, {"other": [0.1]}))
    gather_tables(tmp_path)
    kept, other = read_population(tmp_path).units
    assert (kept.name, kept.family, kept.recipe, kept.training_seed, kept.training_step) == (
        "mine",
        "family",
        "recipe",
        7,
        3,
    )
    assert other.name == "other"


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
    edit_manifest(runs[0], suite=SUITE)
    edit_manifest(runs[1], suite=SUITE | {"name": "mine", "changed": ["episodes"]})
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
    edit_manifest(run, suite=SUITE)
    with pytest.raises(InputError, match=r"'u-1000' drove other episodes of the suite 'population' .* than 'u-1001'"):
        gather_tables(tmp_path)
