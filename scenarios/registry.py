"""The table of scenario families: a new one is a file with a spec and a function, and a row here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.corridor import CorridorSpec, corridor
from scenarios.errors import unknown_name
from scenarios.seeding import episode_seed, generator
from scenarios.world import World


@dataclass(frozen=True)
class Scenario:
    """A family of worlds: the ranges that it draws from, and the function that draws.

    Attributes:
        name: As typed after ``--scenario``.
        summary: One line for listings.
        spec: A frozen dataclass of ranges.
        build: (spec, rng) -> World; pure, drawing from ``rng`` alone.
    """

    name: str
    summary: str
    spec: Any
    build: Callable[[Any, np.random.Generator], World]

    def world(self, suite_seed: int, episode: int) -> World:
        """The world of one episode: equal arguments, equal world."""
        return self.build(self.spec, generator(episode_seed(suite_seed, self.name, episode)))

    @cached_property
    def spec_hash(self) -> str:
        """Changes when a range does; stands in manifests and cache keys."""
        return hashlib.sha256(f"{self.name}/{self.spec!r}".encode()).hexdigest()[:16]


SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "corridor", "drive down a corridor past boxes to the named target at the end", CorridorSpec(), corridor
        ),
    )
}


def get_scenario(name: str) -> Scenario:
    """The family of that name.

    Raises:
        InputError: If there is none, with the nearest match.
    """
    if name not in SCENARIOS:
        raise unknown_name("scenario", name, SCENARIOS)
    return SCENARIOS[name]
