"""The parts of a mapping that the names in a data set tell."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from policies.dataset.mapping.contents import DatasetContents, VectorFeature
from policies.dataset.mapping.mapping import FROM_ACTIONS, NO_STATE, SI_UNITS, Column, VectorMapping
from policies.dataset.mapping.names import guess_units, match_states, match_velocities
from scenarios.robot import AXIS_NAMES

ValueT = TypeVar("ValueT")

ACTION_FEATURES = ("action", "actions")
STATE_FEATURES = ("observation.state", "agent_pos", "observations/state", "state")
FRONT = "front"


class Guess(NamedTuple, Generic[ValueT]):
    """A part of a mapping, and what keeps it from being read without a mapping file."""

    value: ValueT
    problem: str | None = None
    """None: the names tell; otherwise the value is a suggestion to be checked."""


def guess_camera(contents: DatasetContents) -> Guess[str]:
    """Guess the camera: the only one, or the only one whose name contains 'front'."""
    names = [camera.name for camera in contents.colour_cameras]
    front = [name for name in names if FRONT in name.rpartition(".")[2].rpartition("/")[2].lower()]
    if len(names) == 1 or len(front) == 1:
        return Guess((front or names)[0] if len(front) == 1 else names[0])
    if not names:
        depth = [camera.name for camera in contents.cameras]
        only = f": {', '.join(depth)} {'is' if len(depth) == 1 else 'are'} depth" if depth else ""
        return Guess("CAMERA", f"it has no camera with colours{only}")
    return Guess(names[0], f"it has {len(names)} cameras, and none is known to look ahead: {', '.join(names)}")


def guess_actions(contents: DatasetContents) -> Guess[VectorMapping]:
    """Guess the columns and units of the actions."""
    vector = next((found for name in ACTION_FEATURES if (found := contents.vector(name))), None)
    if vector is None:
        others = ", ".join(vector.name for vector in contents.vectors) or "no numbers"
        first = contents.vectors[0] if contents.vectors else VectorFeature("ACTION", 3)
        return Guess(suggest_vector(first), f"it has no 'action': it has {others}")
    return guess_velocities(vector, contents)


def guess_velocities(vector: VectorFeature, contents: DatasetContents) -> Guess[VectorMapping]:
    """Guess which columns of a vector are velocities, and their units."""
    columns = match_velocities(vector.columns)
    if "vx" in columns or "vy" in columns:
        found = guess_units(columns)
        mapping = VectorMapping(vector.name, columns, contents.units or found.units)
        if found.is_told or contents.units is not None:
            return Guess(mapping)
        names = ", ".join(column.label for column in columns.values())
        return Guess(mapping, f"'{vector.name}' doesn't say in which units {names} are")
    named = f"columns {', '.join(vector.columns)}" if vector.columns else f"{vector.size} columns without names"
    problem = (
        f"'{vector.name}' has {named}: which are vx (ahead), vy (to the left) and wz (turning left), in what unit?"
    )
    return Guess(suggest_vector(vector), problem)


def guess_state(contents: DatasetContents) -> VectorMapping | str:
    """Guess the columns of the state; without any, no state or one that is reckoned from the actions."""
    for name in STATE_FEATURES:
        vector = contents.vector(name)
        columns = {} if vector is None else match_states(vector.columns)
        if vector is not None and columns:
            return VectorMapping(vector.name, columns, guess_units(columns).units or SI_UNITS)
    return NO_STATE if contents.has_odometry else FROM_ACTIONS


def suggest_vector(vector: VectorFeature) -> VectorMapping:
    """Suggest a mapping of a vector whose names don't tell: its first columns in order."""
    axes = {1: ("vx",), 2: ("vx", "wz")}.get(vector.size, AXIS_NAMES)
    labels = vector.labels
    return VectorMapping(vector.name, {axis: Column(labels[i], i) for i, axis in enumerate(axes)}, SI_UNITS)
