"""ManiSkill's CPU backend: one step of pushing a cube, and one picture."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any


def open_scene(side: int) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene."""
    import gymnasium
    import mani_skill.envs  # registers its environments

    env: Any = gymnasium.make(
        "PushCube-v1",
        obs_mode="rgb",
        sim_backend="physx_cpu",
        render_backend="cpu",
        sensor_configs={"width": side, "height": side},
        max_episode_steps=10**9,
    )
    env.reset(seed=0)
    still = env.action_space.sample() * 0.0
    return {"name": f"ManiSkill {version(mani_skill.__name__)}, push cube", "device": "SAPIEN"}, lambda: env.step(still)
