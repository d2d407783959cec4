"""A scenario: a family of worlds, its ranges and its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.common.seeding import episode_seed, make_generator
from scenarios.world import World


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
        """Sample the world of one episode: equal arguments, equal world."""
        return self.build(self.spec, make_generator(episode_seed(suite_seed, self.name, episode)))

    @cached_property
    def spec_hash(self) -> str:
        """Hash of name and ranges, for manifests and cache keys."""
        return hashlib.sha256(f"{self.name}/{self.spec!r}".encode()).hexdigest()[:16]
