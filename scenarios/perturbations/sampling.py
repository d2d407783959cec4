"""Sampling of perturbed worlds, and checks of whether a scenario supports a perturbation."""

from __future__ import annotations

from functools import lru_cache

from scenarios.common.errors import InputError
from scenarios.common.seeding import episode_seed, make_generator
from scenarios.perturbations.axis import always_supported
from scenarios.perturbations.perturbation import Perturbation
from scenarios.perturbations.registry import AXES
from scenarios.scenario import Scenario
from scenarios.world import World

TRIAL_SEED, TRIAL_WORLDS = 0, 8  # sampled to check whether a scenario supports a perturbation


def sample_perturbed_world(scenario: Scenario, suite_seed: int, episode: int, perturbation: Perturbation) -> World:
    """Sample the world of one episode under a perturbation; unperturbed, it is ``scenario.world(suite_seed, episode)``.

    Each axis has its own random generator and decides by the unperturbed world, so its effect doesn't depend on the
    other axes.

    Raises:
        InputError: The world lacks something that the perturbation needs.
    """
    world = base = scenario.world(suite_seed, episode)
    seed = episode_seed(suite_seed, scenario.name, episode)
    for name, level in perturbation.levels:
        world = AXES[name].change(world, base, level, make_generator(seed, f"perturb/{name}"))
    return world


def check_supported(scenario: Scenario, perturbation: Perturbation) -> None:
    """Check, before a run, that a scenario supports a perturbation.

    Raises:
        InputError: Some world of the scenario lacks something that the perturbation needs.
    """
    for name, level in perturbation.levels:
        if missing := _missing(scenario, name, level):
            raise InputError(f"scenario '{scenario.name}' can't have {name}={level}: its worlds lack {missing}")


def is_supported(scenario: Scenario, perturbation: Perturbation) -> bool:
    """Return whether a scenario supports a perturbation; ``check_supported`` tells what is missing."""
    return not any(_missing(scenario, name, level) for name, level in perturbation.levels)


@lru_cache(maxsize=256)
def _missing(scenario: Scenario, axis: str, level: int) -> str:
    """Return what one of the scenario's first worlds lacks for a level; empty if nothing."""
    missing = AXES[axis].missing
    if missing is always_supported:
        return ""
    return next((lack for world in _trial_worlds(scenario) if (lack := missing(world, level))), "")


@lru_cache(maxsize=16)
def _trial_worlds(scenario: Scenario) -> tuple[World, ...]:
    """Sample the worlds for the check, once for all axes and levels."""
    return tuple(scenario.world(TRIAL_SEED, episode) for episode in range(TRIAL_WORLDS))
