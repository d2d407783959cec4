from __future__ import annotations

import pytest

from policies.train.custom_data import split_by_scene
from policies.train.data.frame_store import cached_store
from policies.train.recipe import CollectionSpec, Recipe
from scenarios.common.errors import InputError


@pytest.mark.parametrize("seed", [0, 42, 2000, 9000])
def test_a_recipe_never_trains_on_seeds_of_another_split(seed: int) -> None:
    with pytest.raises(InputError, match="split"):
        Recipe(demonstrations=CollectionSpec(seed, 1))
    with pytest.raises(InputError, match="split"):
        Recipe(rounds=(CollectionSpec(seed, 1),))


def test_a_recipe_validates_on_validation_seeds_alone() -> None:
    with pytest.raises(InputError, match="split"):
        Recipe(validation=CollectionSpec(1000, 1))


def test_own_data_of_the_test_split_is_refused(demonstration, tmp_path) -> None:
    store = cached_store([demonstration(0, seed=9000)], tmp_path / "store")
    with pytest.raises(InputError, match="test split"):
        split_by_scene([store])


def test_validation_seeds_validate_and_no_scene_is_in_both_parts(demonstration, tmp_path) -> None:
    store = cached_store((demonstration(i, seed=s) for i in range(3) for s in (1000, 2000)), tmp_path / "store")
    train, validation = split_by_scene([store])
    assert {e.scene.suite_seed for part in train for e in part.episodes} == {1000}
    assert {e.scene.suite_seed for part in validation for e in part.episodes} == {2000}


def test_without_validation_seeds_whole_scenes_are_held_out(demonstration, tmp_path) -> None:
    store = cached_store((demonstration(i % 60, frames=1) for i in range(120)), tmp_path / "store")
    train, validation = split_by_scene([store])
    learned = {e.scene for part in train for e in part.episodes}
    held = {e.scene for part in validation for e in part.episodes}
    assert held
    assert not learned & held
    assert len(learned | held) == 60
