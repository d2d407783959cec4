"""Perturbation axes: name, levels, and effect on a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenarios.world import World

LEVELS = (0, 1, 2, 3)  # 0 leaves the world as it is

# (world, base, level, rng) -> world. ``base`` is the unperturbed world. An axis decides by ``base`` alone, so that axes
# don't influence each other, and changes ``world``, which other axes may have changed before.
WorldChange = Callable[[World, World, int, np.random.Generator], World]


def always_supported(base: World, level: int) -> str:
    """Return "": nothing is missing, for axes that every world supports."""
    return ""


@dataclass(frozen=True)
class PerturbationAxis:
    """A perturbation axis: one way to make an episode harder.

    Attributes:
        name: Name in ``--perturb``.
        summary: One line for listings.
        level_descriptions: Levels 1, 2 and 3 in physical units, from the same constants that ``change`` uses.
        change: Applies a level to a world.
        missing: (base, level) -> a few words on what the level needs and the world lacks; empty if nothing.
    """

    name: str
    summary: str
    level_descriptions: tuple[str, str, str]
    change: WorldChange
    missing: Callable[[World, int], str] = always_supported


def describe_levels(text: Callable[[int], str]) -> tuple[str, str, str]:
    """Return the descriptions of levels 1, 2 and 3."""
    return text(1), text(2), text(3)
