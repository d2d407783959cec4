"""Laws of looking a scenario up."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
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
