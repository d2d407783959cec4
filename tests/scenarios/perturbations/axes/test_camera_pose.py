"""Laws of the camera-pose axis: the offset is as large as its level says."""

from __future__ import annotations

import math

import pytest
from drawn import LEVELS, drawn

from scenarios.perturbations.axes.camera_pose import FOV_CHANGE, SHIFT_M, TURN_DEG


@pytest.mark.parametrize("level", LEVELS)
def test_the_camera_is_off_by_what_the_level_says_and_never_backwards(level: int) -> None:
    for episode in range(5):
        mount = drawn("corridor", episode, f"camera-pose={level}").conditions.mount
        assert math.hypot(*mount.offset_m) == pytest.approx(SHIFT_M[level])
        assert mount.offset_m[0] >= 0.0
        assert math.degrees(math.hypot(mount.yaw, mount.pitch, mount.roll)) == pytest.approx(TURN_DEG[level])
        assert abs(mount.fov_factor - 1.0) == pytest.approx(FOV_CHANGE[level])
