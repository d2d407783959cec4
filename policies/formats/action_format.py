"""Formats of actions, and their conversion to the environment's: (vx, vy, wz) in [-1, 1], body frame, left +y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from policies.formats.motion import (
    displacements_to_velocities,
    positions_to_velocities,
    waypoints_to_displacements,
)
from policies.formats.normalisation import Normalisation
from scenarios.common.errors import InputError, unknown_name
from scenarios.robot import ACTION_SCALE, AXIS_NAMES

ActionKind = Literal["velocity", "displacement", "waypoints", "keys"]
ActionUnit = Literal["normalised", "si"]

COLUMNS: dict[ActionKind, tuple[str, ...]] = {
    "velocity": AXIS_NAMES,
    "displacement": ("dx", "dy", "dyaw"),
    "waypoints": ("x", "y", "yaw"),
    "keys": AXIS_NAMES,
}
KEY_COLUMN = "key"  # one column: the number of a combination of keys, a row of KEY_GRID
KEY_GRID = np.array([(x, y) for x in (1, 0, -1) for y in (1, 0, -1)])  # (9, 2) forward, left: the published grid
PRESSED = 0.5  # a key column counts as pressed beyond this


@dataclass(frozen=True)
class ActionFormat:
    """What the columns of a policy's actions are.

    - "velocity": columns of vx, vy, wz: body velocity, "normalised" (1.0 is full speed) or in "si" (m/s and rad/s).
    - "displacement": columns of dx, dy, dyaw: motion within one action period in m and rad, in the frame before it.
    - "waypoints": columns x, y or x, y, yaw: places at the end of each action of a chunk in m and rad, in the frame of
      the inference. Without yaw the robot drives an arc to each.
    - "keys": columns of vx, vy, wz: -1, 0 or 1, the nearest counts; or the one column "key": the row of ``KEY_GRID``.

    A unicycle has the columns ("vx", "wz"), a planar policy ("vx", "vy"); axes without a column are 0.

    Attributes:
        kind: Kind of action.
        columns: Names of the columns, in the policy's order. Empty: all of the kind, in the order given above.
        unit: Of velocities; the other kinds are in metres and radians.
        signs: 1 or -1 for each column; -1 where the policy's axis points the other way (y to the right, say). Empty:
            all 1.
        normalisation: Normaliser that the policy's outputs still have; None if it undoes its own.

    Raises:
        InputError: The parts don't fit each other.
    """

    kind: ActionKind = "velocity"
    columns: tuple[str, ...] = ()
    unit: ActionUnit = "normalised"
    signs: tuple[int, ...] = ()
    normalisation: Normalisation | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(ActionKind):
            raise unknown_name("kind of action", self.kind, get_args(ActionKind))
        if self.unit not in get_args(ActionUnit):
            raise unknown_name("unit of actions", self.unit, get_args(ActionUnit))
        object.__setattr__(self, "columns", tuple(self.columns) or COLUMNS[self.kind])
        object.__setattr__(self, "signs", tuple(self.signs))
        self._check_columns()
        if self.signs and (len(self.signs) != len(self.columns) or any(sign not in (1, -1) for sign in self.signs)):
            raise InputError(f"signs of actions must be 1 or -1 for each of {', '.join(self.columns)}: {self.signs}")
        if self.normalisation is not None and self.normalisation.columns != len(self.columns):
            raise InputError(
                f"the normalisation of actions has {self.normalisation.columns} columns, the actions have "
                f"{len(self.columns)}: {', '.join(self.columns)}"
            )

    def _check_columns(self) -> None:
        if self.kind == "keys" and self.columns == (KEY_COLUMN,):
            return
        known = COLUMNS[self.kind]
        for column in self.columns:
            if column not in known:
                raise unknown_name(f"column of actions of kind '{self.kind}'", str(column), known)
        if len(set(self.columns)) < len(self.columns):
            raise InputError(f"columns of actions must be some of {', '.join(known)}, each once: {self.columns}")
        if self.kind == "waypoints" and not {"x", "y"} <= set(self.columns):
            raise InputError("way points need the columns x and y")

    @property
    def is_native(self) -> bool:
        """True if it is the environment's own format, which needs no conversion."""
        return self == VELOCITY

    def describe(self) -> str:
        """Describe it in a few words for tables, e.g. "velocity vx, wz in m/s, rad/s"."""
        unit = " in m/s, rad/s" if self.kind == "velocity" and self.unit == "si" else ""
        return f"{self.kind} {', '.join(self.columns)}{unit}"


VELOCITY = ActionFormat()
"""The environment's own: body velocities (vx, vy, wz), normalised."""


def to_commands(form: ActionFormat, actions: np.ndarray, period_s: float) -> np.ndarray:
    """Convert a policy's actions to the environment's, (n, c, 3) float32; values may lie beyond [-1, 1].

    Args:
        form: The policy's format.
        actions: (n, k) for one action, or (n, c, k) for a chunk; k columns.
        period_s: Duration of an action.

    Raises:
        ValueError: The actions have another shape.
    """
    chunk = actions[:, None] if actions.ndim == 2 else actions
    if chunk.ndim != 3 or chunk.shape[2] != len(form.columns) or not chunk.shape[1]:
        raise ValueError(f"actions of shape {actions.shape} don't have the columns {', '.join(form.columns)}")
    if form.is_native:
        return chunk.astype(np.float32, copy=False)
    values = chunk if form.normalisation is None else form.normalisation.unnormalise(chunk)
    if form.signs:
        values = values * np.array(form.signs, np.float32)
    return _to_velocities(form, values, period_s).astype(np.float32)


def _to_velocities(form: ActionFormat, values: np.ndarray, period_s: float) -> np.ndarray:
    """Convert (n, c, k) to normalised body velocities (n, c, 3)."""
    if form.columns == (KEY_COLUMN,):
        return _keys_to_velocities(values[..., 0])
    ordered = _order_columns(form, values)
    match form.kind:
        case "velocity":
            return ordered if form.unit == "normalised" else ordered / ACTION_SCALE
        case "displacement":
            return displacements_to_velocities(ordered, period_s) / ACTION_SCALE
        case "waypoints":
            if "yaw" not in form.columns:
                return positions_to_velocities(ordered[..., :2], period_s) / ACTION_SCALE
            return displacements_to_velocities(waypoints_to_displacements(ordered), period_s) / ACTION_SCALE
        case "keys":
            return np.where(np.abs(ordered) > PRESSED, np.sign(ordered), 0.0)


def _order_columns(form: ActionFormat, values: np.ndarray) -> np.ndarray:
    """Put the columns (n, c, k) in the order of the kind's axes, (n, c, 3); missing ones are 0."""
    ordered = np.zeros((*values.shape[:2], 3), np.float64)
    for place, column in enumerate(form.columns):
        ordered[..., COLUMNS[form.kind].index(column)] = values[..., place]
    return ordered


def _keys_to_velocities(keys: np.ndarray) -> np.ndarray:
    """Convert numbers of key combinations (n, c) to velocities (n, c, 3); numbers that aren't a row become NaN."""
    rounded = np.nan_to_num(np.round(keys), nan=-1.0, posinf=-1.0, neginf=-1.0).astype(np.int64)
    known = (rounded >= 0) & (rounded < len(KEY_GRID))
    velocities = np.full((*keys.shape, 3), np.nan)
    velocities[known] = np.pad(KEY_GRID, ((0, 0), (0, 1)))[rounded[known]]
    return velocities
