"""Registration of one Gymnasium environment per scenario family."""

from __future__ import annotations

import gymnasium as gym

from scenarios.registry import SCENARIOS
from scenarios.scenario import VERSION


def env_id(scenario: str) -> str:
    """Return a scenario's environment id, e.g. ``"MobileVLA/BoxDetour-v1"``; its version is that of the scenes."""
    return "MobileVLA/" + "".join(part.capitalize() for part in scenario.split("-")) + f"-v{VERSION}"


ENV_IDS = tuple(env_id(name) for name in SCENARIOS)


def register_all() -> None:
    """Register every family; repeated calls have no effect."""
    for name in SCENARIOS:
        if env_id(name) not in gym.registry:
            gym.register(
                env_id(name),
                entry_point="envs.env:MobileVLAEnv",
                vector_entry_point="envs.vector_env:MobileVLAVectorEnv",
                kwargs={"scenario": name},
            )
