"""Our own environment step: physics, contacts, task and one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from envs.camera.scene import Scene
from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep
from scenarios.common.cli import version_text
from scenarios.lookup import get_scenario
from scenarios.robot import IMAGE_SIZE
from scenarios.world import World
from sim.benchmark.growth.worlds import make_box_world
from sim.benchmark.scenes import SEED


def open_scene(side: int, scene: str, boxes: int) -> tuple[dict[str, Any], Callable[[], object]]:
    """Open the scene; the robot sways on the spot, so that the episode goes on."""
    if (side, side) != IMAGE_SIZE:
        raise ValueError(f"the robot's camera has {IMAGE_SIZE[0]} pixels a side, not {side}")
    block = Lockstep(1)
    block.reset([make_world(scene, boxes)])
    live, number = np.ones(1, bool), [0]

    def step() -> object:
        number[0] += 1
        return block.step(make_sway_command(number[0]), live)

    return {
        "name": f"{version_text()}, {scene}",
        "device": block.renderer.device,
        "triangles": count_triangles(block.simulations[0].client),
    }, step


def make_world(scene: str, boxes: int) -> World:
    """Make the world of a scenario family, or with "boxes" a hall with as many boxes; no episode in it ends in time."""
    if scene == "boxes":
        return make_box_world(boxes)
    world = get_scenario(scene).world(SEED, 0)
    return replace(world, task=replace(world.task, time_limit_s=1e9, stuck_after_s=1e9))


def make_sway_command(number: int) -> Command:
    """Return a command that drives a little to the left or to the right, in turns."""
    side = 1.0 if number % 2 else -1.0
    return Command.hold(np.array([[0.0, 0.3 * side, 0.5 * side]]))


def count_triangles(client: int) -> int:
    """Count the triangles of all visible bodies of a client."""
    return sum(len(part.mesh.triangles) for part in Scene(client).parts)
