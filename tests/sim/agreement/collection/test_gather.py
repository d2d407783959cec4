"""Laws of gathering both tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.agreement.collection.claim_answers import read_claim_answers
from sim.agreement.collection.gather import gather_tables, read_costs
from sim.agreement.collection.unit_facts import list_units, remember_units
from sim.agreement.tables import read_population

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


def test_the_answers_to_all_nine_claims_are_kept_beside_the_tables(folder):
    assert len(read_claim_answers(folder)) == 9


def test_the_hash_of_the_weights_that_drove_is_kept_in_the_list_of_units(tmp_path):
    run = write_run(tmp_path / "population" / "u-1000", {"u-1000": {0}})
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["policies"]["u-1000"]["weights"] = "abc"
    (run / "manifest.json").write_text(json.dumps(manifest))
    remember_units(tmp_path, (make_facts("u-1000"), make_facts("u-1001", seed=1001)))
    gather_tables(tmp_path)
    assert {unit.name: unit.weights_sha256 for unit in list_units(tmp_path)} == {"u-1000": "abc", "u-1001": None}


def test_results_of_no_unit_of_the_population_are_refused(tmp_path):
    write_run(tmp_path / "population" / "stranger", {"stranger": {0}})
    with pytest.raises(InputError, match="has results of 'stranger', which is no unit"):
        gather_tables(tmp_path)
