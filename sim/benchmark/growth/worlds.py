"""Time and memory against what a world contains, and against the number of cameras."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt

import numpy as np

from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep, robot_camera_shot
from scenarios.geometry import Bounds, Pose2D
from scenarios.lookup import get_scenario
from scenarios.objects.colours import OBSTACLE_COLOURS
from scenarios.objects.items import build_box_item
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Item, MovingItem, Route, World
from sim.benchmark.growth.points import Point, peak_memory_mb, repeat_timed
from sim.benchmark.scenes import SCENARIO, SEED

SIDE_M = 0.3  # of a box
GRID_M = 0.5  # between the middles of boxes
FIRST_X_M = 1.6  # ahead of the robot, where the boxes begin
LAP_M = 0.4  # of a mover


def make_box_world(boxes: int, movers: int = 0) -> World:
    """Make a world of a robot and a field of boxes ahead of it in a wide hall, some of which move to and fro."""
    base = get_scenario(SCENARIO).world(SEED, 0)
    columns = ceil(sqrt(boxes))
    half = max(base.bounds_m.width, columns * GRID_M + 1.0) / 2
    kept = [item for item in base.items if item.role != "obstacle"]
    items = [_make_box(number, columns) for number in range(boxes)]
    moving = tuple(MovingItem(item.name, _to_and_fro(item)) for item in items[:movers])
    bounds = Bounds(0.0, -half, max(base.bounds_m.length, FIRST_X_M + columns * GRID_M), half)
    still = replace(base.task, time_limit_s=1e9, stuck_after_s=1e9)
    return replace(base, items=(*kept, *items), movers=moving, bounds_m=bounds, task=still)


def _make_box(number: int, columns: int) -> Item:
    at = Pose2D(FIRST_X_M + GRID_M * (number // columns), GRID_M * (number % columns - (columns - 1) / 2), 0.3 * number)
    return build_box_item(number, OBSTACLE_COLOURS[number % len(OBSTACLE_COLOURS)], (SIDE_M, SIDE_M, SIDE_M), at)


def _to_and_fro(item: Item) -> Route:
    x, y = item.pose.x, item.pose.y
    return Route(((x, y), (x + LAP_M / 4, y)), speed_mps=0.2)


def measure_boxes(boxes: int) -> Point:
    """Measure one environment step, physics and picture, in a world with as many boxes."""
    return Point(boxes, _time_step(make_box_world(boxes)), peak_memory_mb())


def measure_movers(movers: int) -> Point:
    """Measure one environment step in a world of 64 boxes, as many of which move."""
    return Point(movers, _time_step(make_box_world(64, movers)), peak_memory_mb())


def measure_cameras(cameras: int) -> Point:
    """Measure the pictures of as many robots' cameras, drawn at a time."""
    block = Lockstep(cameras)
    try:
        block.reset([get_scenario(SCENARIO).world(SEED, number % 10) for number in range(cameras)])
        shots = [robot_camera_shot(simulation) for simulation in block.simulations]
        out = np.empty((cameras, *IMAGE_SIZE, 3), np.uint8)
        return Point(cameras, repeat_timed(lambda: block.renderer.render_rgb(shots, out)), peak_memory_mb())
    finally:
        block.close()


def _time_step(world: World) -> float:
    block = Lockstep(1)
    try:
        block.reset([world])
        return repeat_timed(lambda: block.step(Command.hold(np.zeros((1, 3))), np.ones(1, bool)))
    finally:
        block.close()
