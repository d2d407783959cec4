"""Views for people, from behind the robot and from above, and what changes in them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pybullet as p

from envs.camera import View
from envs.simulation.simulation import Simulation
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import World, footprint_radius

CUT_HEIGHT_M = 2.0  # the map is cut off here, below every ceiling
BEHIND_M, BEHIND_STEP_M, NEAREST_M = 1.7, 0.1, 0.3  # distances of the eye behind the robot
EYE_ROOM_M = 0.1  # between the eye and a wall
ROBOT_HEIGHT_M = 0.65  # with its mast
MAP_FOV_DEG = 24.0  # narrow, so that walls hide little


def third_person_view(simulation: Simulation) -> View:
    """Return the view from behind and above the robot, within the world's bounds and not behind a wall."""
    (x, y, yaw), _ = simulation.robot.pose_and_rates()
    forward = np.array([math.cos(yaw), math.sin(yaw), 0.0])
    x_min, y_min, x_max, y_max = simulation.world.bounds_m
    walls = _wall_outlines(simulation.world)
    distances = np.arange(BEHIND_STEP_M, BEHIND_M + 1e-9, BEHIND_STEP_M)
    room = walls.clearance(np.array([x, y]) - distances[:, None] * forward[:2]) + ROBOT_RADIUS_M
    hidden = np.flatnonzero(room < EYE_ROOM_M)
    behind = BEHIND_M if not len(hidden) else max(NEAREST_M, distances[hidden[0]] - BEHIND_STEP_M)
    eye = np.array([x, y, 1.75]) - behind * forward
    eye[:2] = np.clip(eye[:2], (x_min + 0.1, y_min + 0.1), (x_max - 0.1, y_max - 0.1))
    target = np.array([x, y, 0.25]) + 1.0 * forward
    return View(tuple(eye), tuple(target), (0.0, 0.0, 1.0), 62.0, 0.05, 30.0)


@lru_cache(maxsize=1)
def _wall_outlines(world: World) -> ObstacleOutlines:
    """Return the outlines of a world's walls, of which a film asks again and again."""
    return ObstacleOutlines(world, [item for item in world.items if item.role == "wall"])


def map_view(world: World, aspect: float = 1.0) -> View:
    """Return the view from straight above that shows the whole world, with +x right and +y up."""
    margin, bounds = 0.25, world.bounds_m
    half = max(bounds.width / 2 + margin, (bounds.length / 2 + margin) / aspect)
    x, y = bounds.middle
    height = CUT_HEIGHT_M + half / math.tan(math.radians(MAP_FOV_DEG) / 2)
    eye, target = (x, y, height), (x, y, 0.0)
    return View(eye, target, (0.0, 1.0, 0.0), MAP_FOV_DEG, height - CUT_HEIGHT_M, height + 1.0)


class Occupied(NamedTuple):
    """A place that something takes up, to the millimetre: an upright cylinder on the floor."""

    x: float
    y: float
    radius_m: float
    height_m: float = 0.0
    turn: tuple[float, ...] = ()
    """Numbers that change when what is inside turns."""


def moving_places(simulation: Simulation) -> dict[str, Occupied]:
    """Return the places of all that can move: of items by their names, of the robot by an empty name."""
    (x, y, yaw), _ = simulation.robot.pose_and_rates()
    places = {"": Occupied(round(x, 3), round(y, 3), ROBOT_RADIUS_M, ROBOT_HEIGHT_M, (round(yaw, 3),))}
    moving = {mover.name for mover in simulation.world.movers}
    for item in simulation.world.items:
        if item.mass_kg > 0.0 or item.name in moving:
            body = simulation.bodies[item.name]
            (x, y, z), turn = p.getBasePositionAndOrientation(body, physicsClientId=simulation.client)
            radius_m, up_m = footprint_radius(item), item.z_m
            if item.name not in moving:  # it may have fallen over
                radius_m = up_m = math.hypot(radius_m, up_m)
            turned = tuple(round(value, 3) for value in turn)
            places[item.name] = Occupied(round(x, 3), round(y, 3), radius_m, round(z + up_m, 3), turned)
    return places
