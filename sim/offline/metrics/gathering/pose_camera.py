"""The robot's camera at any pose of a world, without a drive that leads there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from envs.camera import Renderer
from envs.simulation.lockstep import robot_camera_shot
from envs.simulation.simulation import Simulation
from scenarios.world import World


class PoseCamera:
    """A camera that is put where it is wanted, together with everything that moves.

    Args:
        renderer: Draws the frames; it isn't closed with the camera.
        image_size: (height, width) of the frames in pixels.
    """

    def __init__(self, renderer: Renderer, image_size: tuple[int, int]) -> None:
        self._renderer = renderer
        self._image_size = image_size
        self._simulation = Simulation()
        self._world: World | None = None
        self._still = np.zeros(0)

    def render(self, world: World, pose: np.ndarray, progress: Sequence[float]) -> np.ndarray:
        """Render what the robot sees, (H, W, 3) uint8.

        Args:
            world: The world; as long as it is the same object, it isn't built again.
            pose: (3,) x m, y m, yaw rad of the robot.
            progress: Metres along the route of each of the world's movers.
        """
        if world is not self._world:
            self._simulation.reset(world)
            self._renderer.refresh(self._simulation.client)
            self._world, self._still = world, self._simulation.snapshot()
        self._simulation.restore_snapshot(place_movers(self._still, world, pose, progress))
        return self._renderer.render_rgb([robot_camera_shot(self._simulation, self._image_size)])[0]

    def close(self) -> None:
        """Close the physics client."""
        self._renderer.forget(self._simulation.client)
        self._simulation.close()


def place_movers(still: np.ndarray, world: World, pose: np.ndarray, progress: Sequence[float]) -> np.ndarray:
    """Return a snapshot (6 + 7 m,) of a world, as ``Simulation.snapshot`` does, with robot and movers elsewhere."""
    moved = still.copy()
    moved[:3] = pose
    routes = {mover.name: (mover.route, along) for mover, along in zip(world.movers, progress, strict=True)}
    movable = [item for item in world.items if item.mass_kg > 0.0 or item.name in routes]
    for row, item in zip(moved[6:].reshape(-1, 7), movable, strict=True):
        if item.name in routes:
            route, along = routes[item.name]
            at = route.pose_at(along)
            row[:] = (at.x, at.y, item.z_m, 0.0, 0.0, math.sin(at.yaw / 2), math.cos(at.yaw / 2))
    return moved
