"""A seed belongs to one split, and only to it."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from scenarios.common.splits import TEST, TRAIN, VALIDATION, check_split, split_of


def test_splits_share_no_seed() -> None:
    assert not set(TRAIN) & set(VALIDATION)
    assert not (set(TRAIN) | set(VALIDATION)) & set(TEST)
    assert {split_of(0), split_of(9000)} == {"test"}


def test_a_seed_of_another_split_is_refused() -> None:
    assert check_split("train", 1000) == 1000
    with pytest.raises(InputError, match="seed 0 belongs to the test split, not to train"):
        check_split("train", 0)
