"""The robot's camera at any pose of a world, without a drive that leads there."""

from __future__ import annotations

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
            self._world = world
        self._simulation.place(pose, progress)
        return self._renderer.render_rgb([robot_camera_shot(self._simulation, self._image_size)])[0]

    def close(self) -> None:
        """Close the physics client."""
        self._renderer.forget(self._simulation.client)
        self._simulation.close()
