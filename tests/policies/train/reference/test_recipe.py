from __future__ import annotations

from dataclasses import replace

import pytest

from policies.train.population.units.plan import REFERENCE_STAGES
from policies.train.recipe import Recipe, SuiteEpisodes
from policies.train.reference.recipe import RECORDING_MINUTES, ReferenceRecipe, limit_minutes
from scenarios.common.errors import InputError

RECIPE = ReferenceRecipe()


def test_the_stages_are_those_of_the_plan() -> None:
    assert len(RECIPE.rounds) + 1 == len(REFERENCE_STAGES)


def test_no_two_recordings_share_a_seed_and_none_has_one_of_the_hybrids() -> None:
    seeds = [RECIPE.varied.seed, *(part.seed for each in RECIPE.rounds for part in (each.plain, each.varied))]
    other = Recipe()
    taken = {other.demonstrations.seed, other.validation.seed, *(each.seed for each in other.rounds)}
    assert len(seeds) == len(set(seeds))
    assert not taken & set(seeds)


@pytest.mark.parametrize("seed", [0, 2000, 9921])
def test_no_scene_of_validation_or_test_is_recorded(seed) -> None:
    with pytest.raises(InputError, match="split"):
        replace(RECIPE, varied=SuiteEpisodes(seed, 10))


def test_a_shorter_time_shortens_every_stage_and_a_longer_one_none() -> None:
    minutes = round(RECIPE.expected_minutes / 2)
    shorter = limit_minutes(RECIPE, minutes)
    assert shorter.expected_minutes <= minutes
    for name in ("cloning", "round_cloning"):
        assert 1 <= getattr(shorter, name).epochs < getattr(RECIPE, name).epochs
    assert limit_minutes(RECIPE, 10_000) == RECIPE


def test_a_time_that_does_not_suffice_is_bad_input() -> None:
    with pytest.raises(InputError, match="too short for the reference: give") as caught:
        limit_minutes(RECIPE, RECORDING_MINUTES)
    least = int(str(caught.value).split("give ")[1].split(" ")[0])
    assert limit_minutes(RECIPE, least + 1).round_cloning.epochs == 1
