"""Laws of what is known of a unit."""

from __future__ import annotations

import json

import pytest

from policies.train.population.units.plan import plan_units
from scenarios.common.errors import InputError
from sim.agreement.collection.unit_facts import list_finished, list_units, remember_units

from .unit_results import make_facts


def test_a_folder_without_a_list_has_the_units_of_the_plan(tmp_path):
    listed = list_units(tmp_path)
    assert [unit.name for unit in listed] == [unit.name for unit in plan_units()]
    assert {unit.name: unit.flags for unit in listed}["hybrid-1000-compiled"] == ("--compile", "export")


def test_the_list_of_a_trained_population_is_read(tmp_path):
    units = [unit.describe() for unit in plan_units()[:3]]
    (tmp_path / "units.json").write_text(json.dumps(units))
    assert [unit.recipe for unit in list_units(tmp_path)] == [unit["recipe"] for unit in units]


def test_only_units_that_are_there_are_finished(tmp_path):
    (tmp_path / "hybrid-1000").mkdir()
    names = [unit.name for unit in list_finished(tmp_path)]
    assert names == ["hybrid-1000", "hybrid-1000-compiled"]  # the same weights, driven with flags
    assert [unit.name for unit in list_finished(tmp_path, ("*-compiled",))] == ["hybrid-1000-compiled"]


def test_a_population_without_any_of_the_units_says_what_makes_them(tmp_path):
    with pytest.raises(InputError, match=r"has none of the \d+ units .* 'python -m policies.train population"):
        list_finished(tmp_path)
    with pytest.raises(InputError, match="folder not found"):
        list_finished(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no unit of '.*' matches 'hybrd-\*': .* such as 'reference-1000'"):
        list_finished(tmp_path, ("hybrd-*",))


def test_what_a_unit_drove_is_remembered_unless_it_was_with_other_weights(tmp_path):
    remember_units(tmp_path, (make_facts("a-1", weights_sha256="old", suites={"population": "c"}),))
    remember_units(tmp_path, (make_facts("a-1", weights_sha256="old"),))
    assert list_units(tmp_path)[0].suites == {"population": "c"}
    remember_units(tmp_path, (make_facts("a-1", weights_sha256="new"),))
    assert list_units(tmp_path)[0].suites == {}


def test_units_of_later_calls_join_the_list_and_replace_their_own(tmp_path):
    remember_units(tmp_path / "new", (make_facts("a-1"), make_facts("b-1")))
    remember_units(tmp_path / "new", (make_facts("b-1", step=7), make_facts("c-1")))
    assert [(unit.name, unit.training_step) for unit in list_units(tmp_path / "new")] == [
        ("a-1", 1),
        ("b-1", 7),
        ("c-1", 1),
    ]
