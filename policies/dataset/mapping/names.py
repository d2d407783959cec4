"""Axes told from the names that public data sets give their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policies.dataset.mapping.mapping import SI_UNITS, STATE_AXES, Column, Units
from scenarios.robot import AXIS_NAMES

_PREFIXES = re.compile(
    r"^(?:action|cmd|command|target|base|body|chassis|robot|mobile|twist|vel(?=_(?:linear|angular)))_"
)


def _velocity_names(letter: str, *words: str) -> frozenset[str]:
    """Names of the velocity along an axis, such as linear.x, x.vel and vx."""
    forms = ("v{}", "v_{}", "vel_{}", "velocity_{}", "{}_vel", "{}_velocity", "lin_{}", "lin_vel_{}", "linear_{}")
    more = ("linear_vel_{}", "linear_velocity_{}", "linear_{}_vel", "linear_{}_velocity")
    return frozenset([form.format(letter) for form in (*forms, *more)]) | frozenset(words)


_AXIS_NAMES: dict[str, frozenset[str]] = {
    "vx": _velocity_names("x", "v", "linear", "linear_vel", "linear_velocity", "linear_speed", "forward_vel")
    | {"forward_velocity", "forward_speed"},
    "vy": _velocity_names("y", "lateral_vel", "lateral_velocity", "lateral_speed"),
    "wz": frozenset(("wz", "w_z", "w", "omega", "omega_z", "theta_vel", "theta_velocity", "yaw_vel", "yaw_velocity"))
    | {"yaw_rate", "yawrate", "turn_rate", "angular", "angular_z", "angular_vel", "angular_velocity", "angular_speed"}
    | {"angular_vel_z", "angular_velocity_z", "ang_vel_z", "ang_z", "angular_z_vel", "angular_z_velocity"},
    "x": frozenset(("x", "x_pos", "pos_x", "position_x", "pose_x", "odom_x")),
    "y": frozenset(("y", "y_pos", "pos_y", "position_y", "pose_y", "odom_y")),
    "yaw": frozenset(("yaw", "theta", "heading", "theta_pos", "pose_yaw", "pose_theta", "odom_yaw", "odom_theta")),
}
# An x, y and yaw beside one of these are of a hand, not of a base.
_OFF_THE_GROUND = frozenset(
    ("z", "roll", "pitch", "rx", "ry", "rz", "qx", "qy", "qz", "qw", "gripper", "z_pos", "pos_z")
)


def match_velocities(names: Sequence[str]) -> dict[str, Column]:
    """Return the columns of vx, vy and wz that the names tell; empty if two columns claim an axis."""
    return _match(names, AXIS_NAMES)


def match_states(names: Sequence[str]) -> dict[str, Column]:
    """Return the columns of the velocities and of the pose on the ground that the names tell."""
    found = _match(names, STATE_AXES)
    pose = {"x", "y", "yaw"}
    if not pose <= found.keys() or _OFF_THE_GROUND & {_normalise(name) for name in names}:
        found = {axis: column for axis, column in found.items() if axis not in pose}
    return found


class UnitGuess(NamedTuple):
    """Units of velocities, and whether their names tell them."""

    units: Units | None
    """None: normalised."""
    is_told: bool


def guess_units(columns: Mapping[str, Column]) -> UnitGuess:
    """Return the units of velocities by their names: our own are normalised, LeRobot's ``theta.vel`` is in degrees.

    See lekiwi.py in https://github.com/huggingface/lerobot. Other names say nothing about units.
    """
    names = {axis: _normalise(column.label) for axis, column in columns.items() if axis in AXIS_NAMES}
    if all(axis == name for axis, name in names.items()):
        return UnitGuess(None, is_told=True)
    if names.get("wz") == "theta_vel":
        return UnitGuess(Units("m/s", "deg/s"), is_told=True)
    return UnitGuess(SI_UNITS, is_told=False)


def _match(names: Sequence[str], axes: Sequence[str]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for index, name in enumerate(names):
        for axis in axes:
            if _normalise(name) in _AXIS_NAMES[axis]:
                if axis in found:
                    return {}
                found[axis] = Column(name, index)
    return {axis: found[axis] for axis in axes if axis in found}


def _normalise(name: str) -> str:
    """Lower case, words joined by underscores, without leading words such as 'base' and 'cmd'."""
    plain, before = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"), ""
    while plain != before:
        plain, before = _PREFIXES.sub("", plain), plain
    return plain
