"""The true scene of a recorded episode: where the robot was, what stood around it, and the way to the goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.navigation.clearance_grid import MovingOutlines, ObstacleOutlines
from scenarios.navigation.planner import Planner
from scenarios.world import World


@dataclass(frozen=True, eq=False)
class EpisodeScene:
    """The scene of an episode, at each of its frames.

    Attributes:
        world: The world.
        poses: (t, 3) x m, y m, yaw rad of the robot.
        progress: (t, m) metres along the route of each mover, as if it never waited: recordings don't contain it.
        fps: Frames per second.
    """

    world: World
    poses: np.ndarray
    progress: np.ndarray
    fps: float

    @cached_property
    def planner(self) -> Planner:
        """The planner of paths to the goal."""
        return Planner(self.world)

    @cached_property
    def _outlines(self) -> ObstacleOutlines:
        return ObstacleOutlines(self.world)

    @cached_property
    def _moving(self) -> MovingOutlines:
        return MovingOutlines(self.world)

    def progress_at(self, frame: int) -> tuple[float, ...]:
        """Return the progress of the movers at a frame; beyond the last frame, that of the last."""
        return tuple(self.progress[min(frame, len(self.progress) - 1)].tolist())

    def measure_clearance(self, points: np.ndarray, frames: Sequence[int]) -> np.ndarray:
        """Measure the clearance of the robot's hull, m, negative in contact.

        Args:
            points: (n, ..., 2) positions of the robot, m.
            frames: The frame at which each of the n is there.
        """
        found = self._outlines.clearance(points)
        if not self._moving:
            return found
        moving = [
            self._moving.place(self.progress_at(frame)).clearance(each)
            for each, frame in zip(points, frames, strict=True)
        ]
        return np.minimum(found, np.stack(moving))

    @cached_property
    def states(self) -> np.ndarray:
        """The states (t, 4) that the demonstrator visited: x m, y m, yaw rad, m to the goal."""
        away = [self.distance_to_goal(pose[:2], frame) for frame, pose in enumerate(self.poses)]
        return np.column_stack([self.poses, away])

    def distance_to_goal(self, xy: np.ndarray, frame: int) -> float:
        """Return the length of the shortest path to the goal as it stands at a frame, m."""
        return self.planner.at_progress(self.progress_at(frame)).distance_to_goal(xy)
