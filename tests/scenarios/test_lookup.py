"""Laws of looking a scenario up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.common.errors import InputError
from scenarios.lookup import check_scenario, get_scenario, known_scenarios, scenario_text, scenario_version
from scenarios.registry import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_familys_name_is_that_family(name):
    assert get_scenario(name) is SCENARIOS[name]


@pytest.mark.parametrize("name", ["mine.yaml", "Mine.YAML", "mine.yml"])
def test_a_path_is_the_scenario_of_its_file_whatever_the_case_of_its_suffix(tmp_path, name):
    (tmp_path / name).write_text("family: corridor\n")
    assert get_scenario(str(tmp_path / name)).name == name.rpartition(".")[0]


def test_a_misspelt_name_is_answered_with_its_nearest_match():
    with pytest.raises(InputError, match="did you mean 'corridor'"):
        get_scenario("corridoor")


FAMILY = """
from dataclasses import replace
from scenarios.registry import SCENARIOS
MINE = replace(SCENARIOS["corridor"], name="lookup-test", summary="mine")
CORRIDOR = SCENARIOS["corridor"]
NUMBER = 1
"""


def test_a_family_in_a_file_of_ones_own_is_a_scenario_and_known_by_its_name_from_then_on(tmp_path) -> None:
    (tmp_path / "mine.py").write_text(FAMILY)
    with pytest.raises(InputError, match="unknown scenario 'lookup-test'"):
        get_scenario("lookup-test")
    found = get_scenario(f"{tmp_path}/mine.py:MINE")
    assert found.summary == "mine"
    assert get_scenario("lookup-test") is found


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("CORRIDOR", "has the name 'corridor', which is a built-in scenario: rename it"),
        ("NUMBER", "is a int, not a scenarios.scenario.Scenario"),
        ("MIN", "did you mean 'MINE'"),
    ],
)
def test_what_is_wrong_with_a_family_of_ones_own_is_one_sentence(name: str, sentence: str, tmp_path) -> None:
    (tmp_path / "mine.py").write_text(FAMILY)
    with pytest.raises(InputError, match=sentence):
        check_scenario(f"{tmp_path}/mine.py:{name}")


def test_the_version_of_a_family_of_ones_own_changes_with_its_code(tmp_path) -> None:
    text = FAMILY.replace("lookup-test", "version-test")
    (tmp_path / "mine.py").write_text(text)
    reference = f"{tmp_path}/mine.py:MINE"
    before = scenario_version(reference)
    assert scenario_text(reference) == text
    (tmp_path / "mine.py").write_text(text + "# drawn otherwise\n")
    assert scenario_version(reference) != before
    assert scenario_version("corridor") == get_scenario("corridor").spec_hash
    assert scenario_text("corridor") is None


def test_a_misspelt_name_is_told_with_the_words_that_are_allowed() -> None:
    with pytest.raises(InputError, match=r"unknown scenario 'al'.*known are all"):
        check_scenario("al", ("all",))


def test_scenario_objects_are_known_by_their_names_in_a_context_only():
    mine = replace(SCENARIOS["corridor"], name="mine")
    with known_scenarios({"mine": mine}):
        check_scenario("mine")
        assert get_scenario("mine") is mine
    with pytest.raises(InputError, match="unknown scenario 'mine'"):
        check_scenario("mine")
