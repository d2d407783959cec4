from __future__ import annotations

import math

import pytest

from policies.dataset.mapping.mapping import SI_UNITS, Column, DatasetMapping, Instruction, Units, VectorMapping

COLUMNS = {"vx": Column("a", 0), "wz": Column("b", 1)}


@pytest.mark.parametrize(
    ("units", "axis", "full_speed"),
    [
        (None, "vx", 1.0),
        (SI_UNITS, "vx", 1.15),
        (SI_UNITS, "wz", 1.15),
        (Units("cm/s", "deg/s"), "vx", 115.0),
        (Units("km/h", "deg/s"), "vx", 1.15 * 3.6),
        (Units("cm/s", "deg/s"), "wz", math.degrees(1.15)),
    ],
)
def test_full_speed_divided_by_the_divisor_is_one(units: Units | None, axis: str, full_speed: float) -> None:
    assert full_speed / VectorMapping("action", COLUMNS, units).action_divisor(axis) == pytest.approx(1.0)


def test_signs_and_scale_multiply() -> None:
    mapping = VectorMapping("action", COLUMNS, None, {"wz": -1}, {"wz": 0.5})
    assert 1.0 / mapping.action_divisor("wz") == -0.5
    assert mapping.action_divisor("vx") == 1.0


def test_states_are_velocities_in_si_units_and_a_pose_as_it_is() -> None:
    state = VectorMapping("state", COLUMNS, Units("cm/s", "deg/s"), {"yaw": -1}, {"x": 0.01})
    assert state.state_factor("vx") == pytest.approx(0.01)
    assert state.state_factor("wz") == pytest.approx(math.pi / 180)
    assert (state.state_factor("x"), state.state_factor("y"), state.state_factor("yaw")) == (0.01, 1.0, -1.0)
    assert VectorMapping("state", COLUMNS).state_factor("vx") == 1.15


def test_axes_are_in_their_order() -> None:
    actions = VectorMapping("action", {"wz": Column("b", 1), "vx": Column("a", 0)})
    assert DatasetMapping("front", "rgb", 10.0, actions, "none", Instruction()).axes == ("vx", "wz")
