"""Registration of one Gymnasium environment per scenario family."""

from __future__ import annotations

import gymnasium as gym

from scenarios.registry import SCENARIOS

VERSION = 1
"""Of the scenes and tasks: results of different versions can't be compared. Gymnasium refuses an older one by name."""


def env_id(scenario: str) -> str:
    """Return a scenario's environment id, e.g. ``"MobileVLA/BoxDetour-v1"`` for ``"box-detour"``."""
    return "MobileVLA/" + "".join(part.capitalize() for part in scenario.split("-")) + f"-v{VERSION}"


ENV_IDS = tuple(env_id(name) for name in SCENARIOS)


def register_all() -> None:
    """Register every family; repeated calls have no effect."""
    for name in SCENARIOS:
        if env_id(name) not in gym.registry:
            gym.register(env_id(name), entry_point="envs.env:MobileVLAEnv", kwargs={"scenario": name})
