from __future__ import annotations

import pytest

from policies.train.data.frame_store import cached_store
from policies.train.demonstrations import TrainValidationData, check_splits, select_records
from policies.train.tasks.system_cloning import COPIES, STRIDE, build_frame_samples
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


def test_fine_tuning_sees_every_third_frame_of_every_copy(store) -> None:
    plain, augmented = build_frame_samples([store], "none", 0), build_frame_samples([store], "right", 0)
    assert list(plain.row) == [0, 3, 5, 6, 9]
    assert STRIDE == 3
    assert len(augmented.row) == COPIES * len(plain.row)
    assert (plain.actions == store.actions[plain.row]).all()
    again = build_frame_samples([store], "right", 0)
    assert (augmented.actions == again.actions).all()  # the augmented set is drawn once, not anew each epoch
