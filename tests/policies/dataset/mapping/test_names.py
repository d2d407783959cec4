from __future__ import annotations

import pytest

from policies.dataset.mapping.mapping import SI_UNITS, Units
from policies.dataset.mapping.names import guess_units, match_states, match_velocities

ARM = tuple(f"arm_{joint}.pos" for joint in ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_roll", "gripper"))


@pytest.mark.parametrize(
    ("names", "axes"),
    [
        (("wz", "vx", "vy"), {"vx": 1, "vy": 2, "wz": 0}),
        (("linear_x", "linear_y", "angular_z"), {"vx": 0, "vy": 1, "wz": 2}),
        (("linear.x", "angular.z"), {"vx": 0, "wz": 1}),
        (("cmd_vel.linear.x", "cmd_vel.angular.z"), {"vx": 0, "wz": 1}),
        ((*ARM, "x.vel", "y.vel", "theta.vel"), {"vx": 5, "vy": 6, "wz": 7}),
        (("linear.vel", "angular.vel"), {"vx": 0, "wz": 1}),
        (("linear_velocity", "angular_velocity"), {"vx": 0, "wz": 1}),
        (("v", "omega"), {"vx": 0, "wz": 1}),
        (("base_vx", "base_vy", "base_omega"), {"vx": 0, "vy": 1, "wz": 2}),
        (("Action.Base.Linear.X",), {"vx": 0}),
        (ARM, {}),
        (("x", "y", "z", "roll", "pitch", "yaw", "gripper"), {}),  # a hand's motion
        (("vx", "linear_x", "wz"), {}),  # two claim an axis
        ((), {}),
    ],
)
def test_velocities_are_told_by_their_names(names: tuple[str, ...], axes: dict[str, int]) -> None:
    found = match_velocities(names)
    assert {axis: column.place for axis, column in found.items()} == axes
    assert all(column.label == names[column.place] for column in found.values())


@pytest.mark.parametrize(
    ("names", "axes"),
    [
        (("vx", "vy", "wz", "x", "y", "yaw"), {"vx", "vy", "wz", "x", "y", "yaw"}),
        (("odom_x", "odom_y", "odom_theta", "vx"), {"vx", "x", "y", "yaw"}),
        (("x", "y", "z", "roll", "pitch", "yaw", "gripper"), set()),
        (("x", "y"), set()),  # half a pose
        (("x.vel", "y.vel", "theta.vel"), {"vx", "vy", "wz"}),
    ],
)
def test_a_pose_is_taken_only_where_it_is_one_of_a_base(names: tuple[str, ...], axes: set[str]) -> None:
    assert match_states(names).keys() == axes


@pytest.mark.parametrize(
    ("names", "units", "is_told"),
    [
        (("vx", "vy", "wz"), None, True),
        (("linear_x", "angular_z"), SI_UNITS, False),
        (("x.vel", "y.vel", "theta.vel"), Units("m/s", "deg/s"), True),
        (("vx", "omega"), SI_UNITS, False),
    ],
)
def test_few_names_imply_units(names: tuple[str, ...], units: Units | None, is_told: bool) -> None:
    assert guess_units(match_velocities(names)) == (units, is_told)
