"""Laws of an axis's row."""

from __future__ import annotations

from scenarios.perturbations.axis import LEVELS, describe_levels


def test_levels_1_to_3_are_described_and_0_is_not() -> None:
    assert LEVELS == (0, 1, 2, 3)
    assert describe_levels(lambda level: f"{level} m") == ("1 m", "2 m", "3 m")
