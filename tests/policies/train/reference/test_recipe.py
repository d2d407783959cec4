from __future__ import annotations

from dataclasses import replace

import pytest

from policies.train.population.units.plan import REFERENCE_EPOCHS, SEEDS
from policies.train.recipe import Recipe
from policies.train.reference.recipe import ReferenceRecipe, ViewCount
from scenarios.common.errors import InputError
from scenarios.common.splits import split_of

REFERENCE = ReferenceRecipe()


def test_half_of_the_views_look_otherwise() -> None:
    assert (REFERENCE.plain.worlds, REFERENCE.plain.poses) == (REFERENCE.varied.worlds, REFERENCE.varied.poses)


def test_it_learns_from_other_scenes_than_the_hybrid_and_validates_on_others_again() -> None:
    recipe = Recipe()
    seeds = {REFERENCE.plain.suite_seed, REFERENCE.varied.suite_seed}
    assert len(seeds) == 2
    assert recipe.demonstrations.seed not in seeds
    assert split_of(REFERENCE.validation.suite_seed) == "validation"
    assert REFERENCE.validation.suite_seed != recipe.validation.seed


def test_scenes_of_another_split_are_refused() -> None:
    with pytest.raises(InputError, match="belongs to the test split, not to train"):
        replace(REFERENCE, plain=ViewCount(5, 10, 10))
    with pytest.raises(InputError, match="belongs to the train split, not to validation"):
        replace(REFERENCE, validation=ViewCount(1000, 10, 10))


def test_the_population_s_plan_has_its_seed_and_its_epochs() -> None:
    assert REFERENCE.course.seed == SEEDS[0]
    assert REFERENCE.course.epochs == REFERENCE_EPOCHS
