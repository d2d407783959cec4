from __future__ import annotations

from dataclasses import replace

import pytest

from envs.camera import Shot, View
from envs.camera.shot import common_size

SHOT = Shot(0, View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), width=64, height=48)


def test_the_common_size_is_width_and_height_of_all_shots() -> None:
    assert common_size([SHOT, replace(SHOT, client=3, high_quality=True)]) == (64, 48)


def test_different_sizes_and_no_shots_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one size, not 2 of sizes \[\(64, 48\), \(100, 48\)\]"):
        common_size([SHOT, replace(SHOT, width=100)])
    with pytest.raises(ValueError, match="one or more shots"):
        common_size([])
