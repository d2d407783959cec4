from __future__ import annotations

import pytest

from policies.train.data.frame_store import cached_store
from policies.train.data.splits import TrainValidationData, check_splits, select_records, split_by_scene
from scenarios.common.errors import InputError


@pytest.fixture
def store(demonstration, tmp_path):
    return cached_store((demonstration(i, frames=n) for i, n in enumerate((5, 1, 4))), tmp_path / "cache" / "store")


def test_the_first_records_and_the_others_make_up_the_whole(store) -> None:
    firsts, others = select_records(store, slice(0, 1)), select_records(store, slice(1, None))
    assert [(e.start, e.length) for e in firsts.episodes] == [(0, 1), (5, 1), (6, 1)]
    assert [(e.start, e.length) for e in others.episodes] == [(1, 4), (7, 3)]


def test_no_scene_of_another_split_is_learned_from(store, demonstration, tmp_path) -> None:
    unseen = cached_store([demonstration(0, seed=2000)], tmp_path / "cache" / "unseen")
    check_splits(TrainValidationData([store], [unseen]))
    for wrong in (TrainValidationData([store, unseen], []), TrainValidationData([store], [store])):
        with pytest.raises(InputError, match="split"):
            check_splits(wrong)


def test_own_data_of_the_test_split_is_refused(demonstration, tmp_path) -> None:
    store = cached_store([demonstration(0, seed=9000)], tmp_path / "store")
    with pytest.raises(InputError, match="test split"):
        split_by_scene([store])


def test_validation_seeds_validate_and_no_scene_is_in_both_parts(demonstration, tmp_path) -> None:
    store = cached_store((demonstration(i, seed=s) for i in range(3) for s in (1000, 2000)), tmp_path / "store")
    data = split_by_scene([store])
    assert {e.scene.suite_seed for part in data.train for e in part.episodes} == {1000}
    assert {e.scene.suite_seed for part in data.validation for e in part.episodes} == {2000}


def test_without_validation_seeds_whole_scenes_are_held_out(demonstration, tmp_path) -> None:
    store = cached_store((demonstration(i % 60, frames=1) for i in range(120)), tmp_path / "store")
    data = split_by_scene([store])
    learned = {e.scene for part in data.train for e in part.episodes}
    held = {e.scene for part in data.validation for e in part.episodes}
    assert held
    assert not learned & held
    assert len(learned | held) == 60
