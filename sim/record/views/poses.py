"""Poses to look from, anywhere in a world: near the start, near the goal, and wherever a robot can be."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scenarios.common.errors import InputError
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.navigation.ray_casting import place_blocking_items
from scenarios.world import World

START_SHARE, GOAL_SHARE = 0.15, 0.20  # of poses near the start, and near the goal
START_SPREAD_M, GOAL_SPREAD_M = 0.3, 1.2
FACING_SHARE, FACING_SPREAD_RAD = 0.40, 0.35  # of poses that face the goal
ALONG_SHARE, ALONG_SPREAD_RAD = 0.25, 0.5  # of poses that look along the building
TRIES = 400


class ViewState(NamedTuple):
    """Where the robot and the movers of a world are in a view."""

    pose: np.ndarray  # (3,) x m, y m, yaw rad
    progress: tuple[float, ...]  # metres along the route of each mover


class ViewSampler:
    """Draws poses in one world.

    Args:
        world: The world.
        rng: Source of all draws.
    """

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng

    def draw(self) -> ViewState:
        """Draw a pose in which the robot touches nothing, and where the movers are then.

        Raises:
            InputError: There is no room for a robot.
        """
        world, rng = self._world, self._rng
        progress = [mover.route.start_m + rng.uniform(0.0, mover.route.lap_m) for mover in world.movers]
        goal = np.array(world.goal_at(progress).xy)
        outlines = ObstacleOutlines(world, place_blocking_items(world, progress))
        for _ in range(TRIES):
            xy = self._draw_place(goal)
            if self._is_inside(xy) and outlines.clearance(xy) > 0.0:
                return ViewState(np.array([*xy, self._draw_yaw(xy, goal)]), tuple(progress))
        raise InputError(f"no place for a robot found in a world of '{world.scenario}'")

    def _draw_place(self, goal: np.ndarray) -> np.ndarray:
        bounds, which = self._world.bounds_m, self._rng.random()
        if which < START_SHARE:
            return np.array(self._world.start.xy) + self._rng.normal(0.0, START_SPREAD_M, 2)
        if which < START_SHARE + GOAL_SHARE:
            return goal + self._rng.normal(0.0, GOAL_SPREAD_M, 2)
        return self._rng.uniform((bounds.x_min, bounds.y_min), (bounds.x_max, bounds.y_max))

    def _draw_yaw(self, xy: np.ndarray, goal: np.ndarray) -> float:
        which = self._rng.random()
        if which < FACING_SHARE:
            return math.atan2(goal[1] - xy[1], goal[0] - xy[0]) + self._rng.normal(0.0, FACING_SPREAD_RAD)
        if which < FACING_SHARE + ALONG_SHARE:
            return float(self._rng.normal(0.0, ALONG_SPREAD_RAD))
        return float(self._rng.uniform(-math.pi, math.pi))

    def _is_inside(self, xy: np.ndarray) -> bool:
        bounds = self._world.bounds_m
        return bool(bounds.x_min < xy[0] < bounds.x_max and bounds.y_min < xy[1] < bounds.y_max)
