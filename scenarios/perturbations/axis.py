"""A perturbation axis: its name, what its levels mean, and what it does to a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenarios.world import World

LEVELS = (0, 1, 2, 3)  # 0 leaves the world as it is

# (world, base, level, rng) -> world. ``base`` is the episode's world with nothing perturbed: what an axis does follows
# from it alone, so that no axis moves another's draw, and is put into ``world``, which other axes may have changed.
WorldChange = Callable[[World, World, int, np.random.Generator], World]


def always_supported(base: World, level: int) -> str:
    """Report nothing missing: for axes that every world supports."""
    return ""


@dataclass(frozen=True)
class PerturbationAxis:
    """One way of making an episode harder.

    Attributes:
        name: As typed after ``--perturb``.
        summary: One line for listings.
        units: What levels 1, 2 and 3 are, in physical units, from the same constants that act.
        change: What it does.
        missing: (base, level) -> what this world lacks for that level, in a few words; empty if nothing.
    """

    name: str
    summary: str
    level_descriptions: tuple[str, str, str]
    change: WorldChange
    missing: Callable[[World, int], str] = always_supported


def describe_levels(text: Callable[[int], str]) -> tuple[str, str, str]:
    """Return the text of levels 1, 2 and 3."""
    return text(1), text(2), text(3)
