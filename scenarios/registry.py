"""The table of scenario families: a new one is a file with a spec and a function, and a row here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.common.errors import unknown_name
from scenarios.common.files import is_scenario_file
from scenarios.common.seeding import episode_seed, make_generator
from scenarios.families.box_detour import BoxDetourSpec, box_detour
from scenarios.families.clutter import ClutterSpec, clutter
from scenarios.families.corridor import CorridorSpec, corridor
from scenarios.families.crossing import CrossingSpec, crossing
from scenarios.families.doorway import DoorwaySpec, doorway
from scenarios.families.lookalikes import LookalikesSpec, lookalikes
from scenarios.families.pursuit import PursuitSpec, pursuit
from scenarios.families.rooms import RoomsSpec, rooms
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
        return self.build(self.spec, make_generator(episode_seed(suite_seed, self.name, episode)))

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
        Scenario("doorway", "pass narrow doors on the way to the named target", DoorwaySpec(), doorway),
        Scenario("clutter", "cross a hall crammed with things to the named target", ClutterSpec(), clutter),
        Scenario("rooms", "find the target in the room off the hallway that is named", RoomsSpec(), rooms),
        Scenario("crossing", "cross a hall in which people walk, to the named target", CrossingSpec(), crossing),
        Scenario("pursuit", "catch up with the named thing that moves about, and stay with it", PursuitSpec(), pursuit),
        Scenario(
            "box-detour",
            "go round one box or two on the side that is asked for, to the cup",
            BoxDetourSpec(),
            box_detour,
        ),
        Scenario(
            "lookalikes", "drive to the one that is named of several like each other", LookalikesSpec(), lookalikes
        ),
    )
}


def get_scenario(name: str) -> Scenario:
    """The family of that name, or the scenario that the YAML file of that path describes.

    Raises:
        InputError: If there is none, with the nearest match; or if the file is wrong, with the line.
    """
    if is_scenario_file(name):
        from scenarios.files.scenario_file import (
            load_scenario,  # it looks families up here, so it can't be imported above
        )

        return load_scenario(name)
    if name not in SCENARIOS:
        raise unknown_name("scenario", name, SCENARIOS)
    return SCENARIOS[name]
