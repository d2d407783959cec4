from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from policies.systems.table import SYSTEMS
from policies.train.recipe import Recipe, SuiteEpisodes
from scenarios.common.errors import InputError


@pytest.mark.parametrize("seed", [0, 42, 2000, 9000])
def test_a_recipe_never_trains_on_seeds_of_another_split(seed: int) -> None:
    with pytest.raises(InputError, match="split"):
        Recipe(demonstrations=SuiteEpisodes(seed, 1))
    with pytest.raises(InputError, match="split"):
        Recipe(rounds=(SuiteEpisodes(seed, 1),))


def test_a_recipe_validates_on_validation_seeds_alone() -> None:
    with pytest.raises(InputError, match="split"):
        Recipe(validation=SuiteEpisodes(1000, 1))


def test_the_hybrids_row_states_the_recipe() -> None:
    row, recipe = SYSTEMS["hybrid"], Recipe()
    assert row.epochs == recipe.cloning.course.epochs
    assert f"{len(recipe.rounds)} DAgger rounds and {recipe.finish.course.epochs} epochs over all" in row.deviations


def test_a_recipe_is_written_as_it_was_in_earlier_plan_files() -> None:
    plan = json.loads(json.dumps(asdict(Recipe())))
    assert set(plan) == {
        *("families", "demonstrations", "validation", "clip", "kosmos2"),
        *("cloning", "rounds", "round_cloning", "finish"),
    }
    assert plan["demonstrations"] == {"seed": 1000, "episodes": 300}
    assert plan["rounds"] == [{"seed": 1100, "episodes": 60}, {"seed": 1101, "episodes": 60}]
    assert plan["cloning"]["course"]["epochs"] == 6
