"""Disjoint suite seeds of training, validation and test."""

from __future__ import annotations

from typing import Literal

from scenarios.common.errors import InputError

Split = Literal["train", "validation", "test"]

TRAIN = range(1000, 2000)
VALIDATION = range(2000, 3000)
# All other seeds belong to the test split: 0 to 999 for the command line, 9000 to 9999 for the offline test sets.
TEST = range(9000, 10000)


def split_of(suite_seed: int) -> Split:
    """Return the split that a suite seed belongs to."""
    if suite_seed in TRAIN:
        return "train"
    return "validation" if suite_seed in VALIDATION else "test"


def check_split(split: Split, suite_seed: int) -> int:
    """Return the seed if it belongs to this split.

    Raises:
        InputError: The seed belongs to another split, e.g. a training run asks for scenes of the test split.
    """
    actual = split_of(suite_seed)
    if actual != split:
        allowed = {"train": TRAIN, "validation": VALIDATION, "test": TEST}[split]
        raise InputError(
            f"suite seed {suite_seed} belongs to the {actual} split, not to {split}: "
            f"choose one from {allowed.start} to {allowed.stop - 1}"
        )
    return suite_seed
