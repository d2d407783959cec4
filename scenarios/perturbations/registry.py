"""The ten axes, and how a perturbation is written, checked and drawn."""

from __future__ import annotations

import re
from functools import lru_cache

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.seeding import episode_seed, make_generator
from scenarios.perturbations.axes import (
    camera_pose,
    control,
    image_noise,
    instruction,
    layout,
    lighting,
    start_pose,
    textures,
)
from scenarios.perturbations.axis import LEVELS, PerturbationAxis, always_supported
from scenarios.scenario import Scenario
from scenarios.world import World

NONE = "none"
TRIAL_SEED, TRIAL_WORLDS = 0, 8  # drawn to see whether a scenario can have a perturbation

AXES: dict[str, PerturbationAxis] = {
    axis.name: axis
    for axis in (
        lighting.AXIS,
        textures.AXIS,
        camera_pose.AXIS,
        image_noise.AXIS,
        start_pose.AXIS,
        layout.AXIS,
        instruction.AXIS,
        control.ACTUATION,
        control.LATENCY,
        control.CONTROL_RATE,
    )
}


def normalise_perturbation(text: str) -> str:
    """The canonical name of a perturbation: ``axis=level`` in the table's order, joined by ``+``; or ``none``.

    Args:
        text: ``axis=level`` in any order, joined by commas or plus signs. Level 0 counts as not said.

    Raises:
        InputError: An axis that isn't there or is there twice, or a level other than 0 to 3.
    """
    levels = _levels(text)
    return "+".join(f"{name}={levels[name]}" for name in AXES if levels.get(name)) or NONE


def sample_perturbed_world(scenario: Scenario, suite_seed: int, episode: int, perturbation: str) -> World:
    """The world of one episode under a perturbation; ``"none"`` is ``scenario.world(suite_seed, episode)``.

    Each axis draws from a generator of its own, and from the unperturbed world: what one does is the same alone, at
    another level of another axis, and in any combination.

    Raises:
        InputError: The perturbation can't be read, or this world lacks what it needs.
    """
    world = base = scenario.world(suite_seed, episode)
    seed, levels = episode_seed(suite_seed, scenario.name, episode), _levels(perturbation)
    for name, axis in AXES.items():
        if level := levels.get(name, 0):
            world = axis.change(world, base, level, make_generator(seed, f"perturb/{name}"))
    return world


def check_supported(scenario: Scenario, perturbation: str) -> None:
    """Refuse, before anything runs, a perturbation that a scenario's worlds can't have.

    Raises:
        InputError: The perturbation can't be read, or some world of the scenario lacks what it needs.
    """
    for name, level in _levels(perturbation).items():
        if level and (missing := _missing(scenario, name, level)):
            raise InputError(f"scenario '{scenario.name}' can't have {name}={level}: its worlds lack {missing}")


def is_supported(scenario: Scenario, perturbation: str) -> bool:
    """Whether the scenario's worlds have what a perturbation needs; ``check_supported`` says what they lack."""
    return not any(_missing(scenario, name, level) for name, level in _levels(perturbation).items() if level)


def levels_table() -> list[tuple[str, str, str, str, str]]:
    """A row an axis: its name, what it does, and what levels 1, 2 and 3 are."""
    return [(axis.name, axis.summary, *axis.level_descriptions) for axis in AXES.values()]


@lru_cache(maxsize=256)
def _missing(scenario: Scenario, axis: str, level: int) -> str:
    """What some of the scenario's first worlds lack; empty if nothing."""
    missing = AXES[axis].missing
    if missing is always_supported:
        return ""
    return next((lack for world in _trial_worlds(scenario) if (lack := missing(world, level))), "")


@lru_cache(maxsize=16)
def _trial_worlds(scenario: Scenario) -> tuple[World, ...]:
    """Drawn once for all axes and levels."""
    return tuple(scenario.world(TRIAL_SEED, episode) for episode in range(TRIAL_WORLDS))


def _levels(text: str) -> dict[str, int]:
    """Level by axis."""
    if text.strip() == NONE:
        return {}
    levels: dict[str, int] = {}
    for part in re.split(r"[,+]", text):
        name, equals, level = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise InputError(f"'{part.strip()}' is no perturbation: write axis=level, e.g. lighting=2")
        if name not in AXES:
            raise unknown_name("perturbation axis", name, AXES)
        if level not in map(str, LEVELS):
            raise InputError(f"'{level}' is no level of {name}: levels are {LEVELS[0]} (as it is) to {LEVELS[-1]}")
        if name in levels:
            raise InputError(f"perturbation '{text}' names {name} twice: give each axis one level")
        levels[name] = int(level)
    return levels
