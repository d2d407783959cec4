from __future__ import annotations

import pytest

from policies.systems.network import build_system
from policies.systems.table import SYSTEMS
from policies.train.data.frame_store import cached_store
from policies.train.tasks.clip_finetuning import COPIES, STRIDE, build_frame_samples, get_finetuned_clip


@pytest.fixture
def store(demonstration, tmp_path):
    return cached_store((demonstration(i, frames=n) for i, n in enumerate((5, 1, 4))), tmp_path / "cache" / "store")


def test_fine_tuning_sees_every_third_frame_of_every_copy(store) -> None:
    plain, augmented = build_frame_samples([store], "none", 0), build_frame_samples([store], "right", 0)
    assert list(plain.row) == [0, 3, 5, 6, 9]
    assert STRIDE == 3
    assert len(augmented.row) == COPIES * len(plain.row)
    assert (plain.actions == store.actions[plain.row]).all()
    again = build_frame_samples([store], "right", 0)
    assert (augmented.actions == again.actions).all()  # the augmented set is drawn once, not anew each epoch


def test_a_system_on_shared_backbones_has_no_clip_to_fine_tune(backbones) -> None:
    with pytest.raises(ValueError, match="'simple-lstm' has no CLIP of its own"):
        get_finetuned_clip(build_system(SYSTEMS["simple-lstm"], backbones, seed=0))
