"""A mapping from a data set's contents to what policies and scores work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scenarios.files.units import UNITS
from scenarios.robot import ACTION_SCALE, AXIS_NAMES

COLOUR_ORDERS = ("rgb", "bgr")
NORMALISED = "normalised"
NO_STATE, FROM_ACTIONS = "none", "from actions"
STATE_WORDS = (NO_STATE, FROM_ACTIONS)
STATE_AXES = (*AXIS_NAMES, "x", "y", "yaw")
ANGULAR_AXES = ("wz", "yaw")
LINEAR_UNITS, ANGULAR_UNITS = tuple(UNITS["m/s"]), tuple(UNITS["rad/s"])


class Column(NamedTuple):
    """A column of a vector."""

    label: str
    """Its name, or its number from 0."""
    place: int


class Units(NamedTuple):
    """Units of velocities."""

    linear: str
    """Of vx and vy, one of ``LINEAR_UNITS``."""
    angular: str
    """Of wz, one of ``ANGULAR_UNITS``."""


SI_UNITS = Units("m/s", "rad/s")


@dataclass(frozen=True)
class VectorMapping:
    """Where the axes of an action or of a state are, and what their numbers mean."""

    feature: str
    """Name of the vector."""
    columns: Mapping[str, Column]
    """Axis -> its column, for the axes that the set has."""
    units: Units | None = None
    """Of velocities; None: normalised, 1 is the robot's top speed. Positions are in m, angles in rad."""
    signs: Mapping[str, int] = field(default_factory=dict)
    """Axis -> -1 where the set counts the other way round; left and counterclockwise are positive here."""
    scale: Mapping[str, float] = field(default_factory=dict)
    """Axis -> number to multiply with, apart from units; 1 where it isn't given."""

    def action_divisor(self, axis: str) -> float:
        """Return what a value is divided by to get an action in [-1, 1]."""
        unit = 1.0 if self.units is None else ACTION_SCALE / _si_factor(self.units, axis)
        return unit / self._factor(axis)

    def state_factor(self, axis: str) -> float:
        """Return what a value is multiplied by to get m/s, rad/s, m or rad."""
        if axis not in AXIS_NAMES:
            return self._factor(axis)
        unit = ACTION_SCALE if self.units is None else _si_factor(self.units, axis)
        return unit * self._factor(axis)

    def _factor(self, axis: str) -> float:
        return self.signs.get(axis, 1) * self.scale.get(axis, 1.0)


def _si_factor(units: Units, axis: str) -> float:
    """Return how many m/s or rad/s one unit is."""
    return 1.0 / UNITS["rad/s"][units.angular] if axis in ANGULAR_AXES else 1.0 / UNITS["m/s"][units.linear]


@dataclass(frozen=True)
class Instruction:
    """Where an episode's instruction comes from; by default from the set's own tasks or attributes."""

    text: str | None = None
    """The same for all episodes."""
    source: str | None = None
    """Column or attribute that contains it."""


@dataclass(frozen=True)
class DatasetMapping:
    """How a data set is read."""

    camera: str
    colours: str
    """"rgb" or "bgr"."""
    rate: float
    """Frames per second."""
    actions: VectorMapping
    state: VectorMapping | str
    """"none": zeros; "from actions": reckoned from the actions."""
    instruction: Instruction
    is_given: bool = False
    """Whether a file gave at least a part; False if all is guessed."""
    states_rate: bool = True
    """Whether the rate is the one that the set states itself."""

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of the actions that the set has, in their order."""
        return tuple(axis for axis in AXIS_NAMES if axis in self.actions.columns)
