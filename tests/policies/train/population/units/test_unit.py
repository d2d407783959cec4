from __future__ import annotations

import json
from dataclasses import replace

import pytest

from policies.train.population.units.plan import plan_units
from policies.train.population.units.unit import PopulationUnit, add_parents, select_units
from scenarios.common.errors import InputError

UNITS = plan_units()
BY_NAME = {unit.name: unit for unit in UNITS}


def test_units_are_chosen_by_name_by_claim_and_by_pattern() -> None:
    assert [one.name for one in select_units(UNITS, ["robovlms-1001"])] == ["robovlms-1001"]
    assert {one.recipe for one in select_units(UNITS, ["longer-training"])} == {"simple-lstm", "simple-lstm-3"}
    both = select_units(UNITS, ["clip-lstm-*", "robovlms-1001"])
    assert {one.family for one in both} == {"clip-lstm", "robovlms"}
    assert [one.name for one in both] == [one.name for one in UNITS if one in both]


def test_a_pattern_that_matches_nothing_is_bad_input() -> None:
    with pytest.raises(InputError, match="--units 'robovlm' matches no unit"):
        select_units(UNITS, ["robovlms-*", "robovlm"])


def test_what_a_unit_is_made_from_comes_before_it() -> None:
    found = [one.name for one in add_parents([BY_NAME["ensemble-best-1001"]], UNITS)]
    assert found == ["hybrid-1001", "mobile-vla-1001", "ensemble-best-1001"]


def test_no_unit_is_trained_with_a_seed_of_validation_or_test() -> None:
    with pytest.raises(InputError, match="validation split"):
        replace(UNITS[0], training_seed=2000)


def test_a_unit_is_described_as_json_with_what_differs_from_its_row() -> None:
    described = json.loads(json.dumps(BY_NAME["enhanced-norm-no-resampler-mlp-1002"].describe()))
    head = {"kind": "mlp", "width": 0, "layers": 0, "hidden": [256, 128]}
    assert described["row"]["name"] == "enhanced-norm"
    assert described["row"]["changes"]["window"] == 1
    assert head.items() <= described["row"]["changes"]["head"].items()
    assert (described["training_seed"], described["weights_sha256"]) == (1002, None)


def test_each_unit_says_how_it_is_driven() -> None:
    drive = {name: (BY_NAME[name].policy, BY_NAME[name].flags) for name in ("hybrid-1000-compiled", "hybrid-1000-onnx")}
    assert drive["hybrid-1000-compiled"] == ("hybrid-1000", ("--compile", "export"))
    assert drive["hybrid-1000-onnx"] == ("hybrid-1000-onnx/policy.onnx", ())


def test_units_are_equal_if_all_their_facts_are() -> None:
    one = PopulationUnit(name="a", kind="trained", family="a", recipe="a", training_seed=1000, training_step=1)
    assert one == replace(one)
    assert one != replace(one, training_step=2)
