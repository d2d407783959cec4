"""PyBullet's own cameras in our worlds: TinyRenderer, and the plugin that draws with EGL."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pybullet

from envs.camera.textures import load_recorded_textures
from envs.camera.tiny import light_arguments
from envs.simulation.simulation import Simulation
from sim.benchmark.peers.scripts.our_steps import count_triangles, make_sway_command, make_world

CAMERAS = {"tiny": pybullet.ER_TINY_RENDERER, "egl": pybullet.ER_BULLET_HARDWARE_OPENGL}


def _load_egl(client: int) -> None:
    found = importlib.util.find_spec("eglRenderer")
    if found is None or found.origin is None:
        raise RuntimeError("this PyBullet has no EGL plugin")
    if pybullet.loadPlugin(found.origin, "_eglRendererPlugin", physicsClientId=client) < 0:
        raise RuntimeError("PyBullet can't load its EGL plugin")


def open_scene(side: int, scene: str, boxes: int, camera: str) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene; ``camera`` is "tiny" or "egl"."""
    simulation = Simulation()
    simulation.reset(make_world(scene, boxes))
    triangles = count_triangles(simulation.client)
    if camera == "egl":
        _load_egl(simulation.client)
        simulation.reset(simulation.world)  # the plugin draws only what is built after it
    load_recorded_textures(simulation.client)
    number, light = [0], simulation.world.light

    def step() -> object:
        number[0] += 1
        simulation.step(make_sway_command(number[0]).for_slot(0))
        view = simulation.robot_camera_view()
        _, _, rgba, _, _ = pybullet.getCameraImage(
            side,
            side,
            view.view_matrix().T.ravel().tolist(),
            view.projection_matrix(1.0).T.ravel().tolist(),
            **light_arguments(light),
            shadow=0,
            renderer=CAMERAS[camera],
            flags=pybullet.ER_NO_SEGMENTATION_MASK,
            physicsClientId=simulation.client,
        )
        return np.asarray(rgba)[..., :3]

    what = {"tiny": "TinyRenderer", "egl": "EGL plugin"}[camera]
    return {
        "name": f"PyBullet {version('pybullet')}, {what}, {scene}",
        "device": what,
        "triangles": triangles,
    }, step
