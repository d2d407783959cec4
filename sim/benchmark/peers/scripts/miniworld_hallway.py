"""Miniworld's hallway: one step and its observation."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

TRIANGLES_OF_BOX = 12
SAMPLES = 4  # a pixel: Miniworld asks for 16, and takes the most that llvmpipe has


def open_scene(side: int) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene; the robot turns to and fro on the spot, so that the episode goes on."""
    import pyglet

    pyglet.options["headless"] = True
    import gymnasium
    import miniworld  # registers its environments
    from pyglet import gl

    env: Any = gymnasium.make(
        "MiniWorld-Hallway-v0", obs_width=side, obs_height=side, max_episode_steps=10**9
    ).unwrapped
    env.reset(seed=0)
    device = ctypes.cast(gl.glGetString(gl.GL_RENDERER), ctypes.c_char_p).value or b""
    number = [0]

    def step() -> object:
        number[0] += 1
        return env.step(env.actions.turn_left if number[0] % 2 else env.actions.turn_right)

    # Walls are quads, floors and ceilings fans; the box at the end is one more.
    triangles = TRIANGLES_OF_BOX + sum(
        len(room.wall_verts) // 2 + 2 * (len(room.floor_verts) - 2) for room in env.rooms
    )
    return {
        "name": f"Miniworld {version(miniworld.__name__)}, hallway, samples a pixel: {SAMPLES}",
        "device": device.decode(),
        "triangles": triangles,
    }, step
