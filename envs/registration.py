"""One Gymnasium id per scenario family."""

from __future__ import annotations

import gymnasium as gym

from scenarios.registry import SCENARIOS


def env_id(scenario: str) -> str:
    """Return a scenario's environment id: ``"box-detour"`` gives ``"MobileVLA/BoxDetour-v0"``."""
    return "MobileVLA/" + "".join(part.capitalize() for part in scenario.split("-")) + "-v0"


ENV_IDS = tuple(env_id(name) for name in SCENARIOS)


def register_all() -> None:
    """Register every family; calling it again is harmless."""
    for name in SCENARIOS:
        if env_id(name) not in gym.registry:
            gym.register(env_id(name), entry_point="envs.env:MobileVLAEnv", kwargs={"scenario": name})
