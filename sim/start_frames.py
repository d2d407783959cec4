"""Rendering of recorded starts, found through the entry point ``mobile_vla_sim.checks``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from envs.simulation.lockstep import Lockstep
from policies.dataset import SceneRef
from scenarios.lookup import get_scenario


def render_starts(scenes: Sequence[SceneRef], image_size: tuple[int, int]) -> list[np.ndarray]:
    """Render what the robot sees at the start of each scene, (H, W, 3) uint8, RGB.

    Args:
        scenes: The scenes.
        image_size: (height, width) of the frames in pixels.

    Raises:
        InputError: A scenario is unknown, or no renderer is available.
    """
    lockstep = Lockstep(1, image_size=image_size)
    try:
        worlds = (get_scenario(scene.scenario).world(scene.suite_seed, scene.episode) for scene in scenes)
        return [lockstep.reset([world]).pixels[0] for world in worlds]
    finally:
        lockstep.close()
