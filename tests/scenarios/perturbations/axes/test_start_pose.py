"""Laws of the start-pose axis."""

from __future__ import annotations

import math

import pytest
from drawn import LEVELS, drawn, scenarios

from scenarios.perturbations.axes.start_pose import MAX_SHIFT_M, SHIFT_M, TURN_DEG


@scenarios
def test_the_start_is_turned_by_the_level_and_shifted_no_farther_than_it_says(scenario: str) -> None:
    for level in LEVELS:
        base, world = drawn(scenario, 0), drawn(scenario, 0, f"start-pose={level}")
        assert math.dist(base.start.xy, world.start.xy) <= SHIFT_M[level] + 1e-9 < MAX_SHIFT_M
        turned = math.remainder(world.start.yaw - base.start.yaw, math.tau)
        assert math.degrees(abs(turned)) == pytest.approx(TURN_DEG[level])
        assert abs(world.start.yaw) <= math.pi
