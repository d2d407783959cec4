"""A scenario: a family of worlds, its ranges and its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.common.seeding import episode_seed, make_generator
from scenarios.phrases import choose_phrase
from scenarios.world import PhraseKind, World

VERSION = 1
"""Version of scenes and tasks. Raise it when a draw or a rule changes without a change of ranges: results of different
versions can't be compared.
"""


@dataclass(frozen=True)
class Scenario:
    """A family of worlds: its ranges, and the function that samples from them.

    Attributes:
        name: The value of ``--scenario``.
        summary: One line for listings.
        spec: A frozen dataclass of ranges.
        build: (spec, rng) -> World; pure: all randomness comes from ``rng``.
    """

    name: str
    summary: str
    spec: Any
    build: Callable[[Any, np.random.Generator], World]

    def world(self, suite_seed: int, episode: int) -> World:
        """Sample the world of one episode: equal arguments, equal world.

        In test suites, half of the instructions follow a phrase that is held out from training. That changes nothing
        else about the world.
        """
        phrase = choose_phrase(self.spec, suite_seed, self.name, episode)
        world = self.build(phrase.apply_to(self.spec), make_generator(episode_seed(suite_seed, self.name, episode)))
        return world if phrase.kind is None else replace(world, phrase=phrase.kind)

    def phrase_kind(self, suite_seed: int, episode: int) -> PhraseKind | None:
        """Return ``world(suite_seed, episode).phrase`` without sampling the world."""
        return choose_phrase(self.spec, suite_seed, self.name, episode).kind

    @cached_property
    def spec_hash(self) -> str:
        """Hash of name, ranges and ``VERSION``, for manifests and cache keys."""
        return hashlib.sha256(f"{VERSION}/{self.name}/{self.spec!r}".encode()).hexdigest()[:16]
