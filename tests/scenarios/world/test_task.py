"""Laws of tasks."""

from __future__ import annotations

import pytest

from scenarios.geometry import Pose2D
from scenarios.world.task import Target, Task


@pytest.mark.parametrize(
    ("hold_s", "hold_m", "must_stay"), [(0.0, 0.0, False), (1.0, 0.0, True), (0.0, 0.5, True), (1.0, 0.5, True)]
)
def test_a_robot_must_stay_for_a_time_or_a_stretch(hold_s: float, hold_m: float, must_stay: bool) -> None:
    goal = Target("ball", "red ball", Pose2D(3.0, 4.0), 0.5)
    assert Task(goal, hold_s=hold_s, hold_m=hold_m).must_stay == must_stay
