"""Worlds that the tests of this folder share, each drawn once."""

from __future__ import annotations

from functools import cache

import pytest

from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES, Perturbation, sample_perturbed_world
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World

SEED = 4
LEVELS = (1, 2, 3)
scenarios = pytest.mark.parametrize("scenario", SCENARIOS)
axes = pytest.mark.parametrize("axis", AXES)


class _Kept(Scenario):
    """A scenario that draws each world once: the same for every perturbation of it."""

    @cache  # noqa: B019
    def world(self, suite_seed: int, episode: int) -> World:
        return super().world(suite_seed, episode)


@cache
def kept_scenario(name: str) -> Scenario:
    own = get_scenario(name)
    return _Kept(own.name, own.summary, own.spec, own.build)


@cache
def drawn(scenario: str, episode: int, perturbation: str = "none") -> World:
    return sample_perturbed_world(kept_scenario(scenario), SEED, episode, Perturbation.parse(perturbation))
