"""panda-gym's reaching arm: one step and one picture by PyBullet's TinyRenderer."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any


def open_scene(side: int) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene."""
    import gymnasium
    import panda_gym  # registers its environments

    env: Any = gymnasium.make(
        "PandaReach-v3",
        render_mode="rgb_array",
        renderer="Tiny",
        render_width=side,
        render_height=side,
        max_episode_steps=10**9,
    ).unwrapped
    env.reset(seed=0)

    def step() -> object:
        env.step(env.action_space.low * 0.0)
        return env.render()

    return {"name": f"panda-gym {version(panda_gym.__name__)}, reach", "device": "TinyRenderer"}, step
