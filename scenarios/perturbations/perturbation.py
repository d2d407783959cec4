"""Perturbations: levels of some axes, written as ``axis=level+axis=level``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from scenarios.common.errors import InputError, unknown_name
from scenarios.perturbations.axes.instruction import SWAP_LEVEL
from scenarios.perturbations.axis import LEVELS
from scenarios.perturbations.registry import AXES


@dataclass(frozen=True)
class Perturbation:
    """A perturbation: levels of some axes.

    Attributes:
        levels: (axis, level) pairs in the order of ``AXES``, levels 1 to 3, each axis at most once. Level 0 is dropped.
    """

    NAME_OF_NONE: ClassVar[str] = "none"

    levels: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        given = dict(self.levels)
        if len(given) < len(self.levels) or not given.keys() <= AXES.keys() or not set(given.values()) <= set(LEVELS):
            raise ValueError(
                f"axes must be unique, from {', '.join(AXES)}, at levels 0 to {LEVELS[-1]}, not {self.levels}"
            )
        object.__setattr__(self, "levels", tuple((name, given[name]) for name in AXES if given.get(name)))

    @classmethod
    def parse(cls, text: str) -> Perturbation:
        """Parse a perturbation.

        Args:
            text: ``axis=level`` in any order, joined by commas or plus signs; or ``none``.

        Raises:
            InputError: An axis is unknown or appears twice, or a level is not 0 to 3.
        """
        if text.strip() == cls.NAME_OF_NONE:
            return cls()
        levels: dict[str, int] = {}
        for part in re.split(r"[,+]", text):
            name, level = _parse_level(part)
            if name in levels:
                raise InputError(f"axis '{name}' appears twice in perturbation '{text}': give each axis one level")
            levels[name] = level
        return cls(tuple(levels.items()))

    def __str__(self) -> str:
        """Return the canonical name, which is the same for equal perturbations."""
        return "+".join(f"{name}={level}" for name, level in self.levels) or self.NAME_OF_NONE


def _parse_level(text: str) -> tuple[str, int]:
    """Parse ``axis=level``."""
    name, equals, level = (piece.strip() for piece in text.partition("="))
    if not equals:
        raise InputError(f"'{text.strip()}' is not a perturbation: write axis=level, e.g. lighting=2")
    if name not in AXES:
        raise unknown_name("perturbation axis", name, AXES)
    if level not in map(str, LEVELS):
        raise InputError(f"'{level}' is not a level of {name}: levels are {LEVELS[0]} (unperturbed) to {LEVELS[-1]}")
    return name, int(level)


UNPERTURBED = Perturbation()
SWAPPED_INSTRUCTION = Perturbation((("instruction", SWAP_LEVEL),))
"""The same scene with an instruction that names another target or side."""
