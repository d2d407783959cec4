"""Pedestrians who walk across a hall and back, or in a loop, each in a separate lane."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenarios.geometry import Pose2D, dot
from scenarios.objects.colours import OBSTACLE_COLOURS, named_rgba
from scenarios.objects.furniture import build_person
from scenarios.objects.routes import TRACE_STEP_M, resample_route
from scenarios.ranges import Range, draw_distinct
from scenarios.world import Item, MovingItem, Route, footprint_radius

SKIN_COLOURS = ((0.90, 0.72, 0.60, 1.0), (0.76, 0.56, 0.42, 1.0), (0.50, 0.34, 0.24, 1.0), (0.32, 0.21, 0.15, 1.0))
STRAIGHT_MPS = 1.1  # speed of a robot that drives straight to the goal; walkers are timed to meet it
LANE_GAP_M = 0.05  # from a walker's hull to the edge of its lane


@dataclass(frozen=True, kw_only=True)
class PedestrianSpec:
    """The ranges of pedestrians. Lengths in metres, speeds in m/s, times in seconds."""

    walker_height: Range = Range(1.55, 1.90)
    walker_speed: Range = Range(0.4, 0.8)
    meeting_time: Range = Range(-1.0, 1.0)  # delay after a robot that drives straight, where the two paths cross
    turn_gap: Range = Range(0.15, 0.35)  # from a walker's hull to the wall where it turns; too narrow for a robot
    rounds_probability: float = 0.3  # that a walker walks in a loop instead of to and fro


def sample_pedestrian(
    spec: PedestrianSpec,
    rng: np.random.Generator,
    number: int,
    lane: tuple[float, float],
    width: float,
    way: tuple[Pose2D, Pose2D],
) -> tuple[Item, MovingItem] | None:
    """Sample a pedestrian who crosses the hall in a separate lane and meets a robot that drives straight.

    Args:
        lane: Smallest and largest x of the lane, metres.
        width: Width of the hall, metres.
        way: Start and goal of the robot that drives straight.

    Returns:
        The pedestrian at the start of the route, and the route; None if the lane or the hall is too narrow.
    """
    jacket, trousers = draw_distinct(rng, OBSTACLE_COLOURS, 2)
    shape = build_person(
        named_rgba(jacket),
        named_rgba(trousers),
        spec.walker_height.draw(rng),
        SKIN_COLOURS[int(rng.integers(len(SKIN_COLOURS)))],
    )
    name, label = f"walker-{number}", f"person in {jacket}"
    item = Item(name, label, shape, Pose2D(0, 0), shape.height_m / 2, named_rgba(jacket), "obstacle")
    low, high = lane[0] + footprint_radius(item) + LANE_GAP_M, lane[1] - footprint_radius(item) - LANE_GAP_M
    room = width / 2 - footprint_radius(item)
    if high < low or room <= spec.turn_gap.high:
        return None
    side = 1 if rng.integers(2) else -1
    corners = [(float(rng.uniform(low, high)), turn * side * (room - spec.turn_gap.draw(rng))) for turn in (1, -1)]
    rounds = bool(rng.uniform() < spec.rounds_probability)
    if rounds:
        corners.append((float(rng.uniform(low, high)), float(rng.uniform(-0.5, 0.5)) * room))
    route = Route(tuple(corners), spec.walker_speed.draw(rng), closed=rounds)
    route = replace(route, start_m=_start_m(route, way, spec.meeting_time.draw(rng), rng))
    return replace(item, pose=route.pose_at(route.start_m)), MovingItem(item.name, route)


def _start_m(route: Route, way: tuple[Pose2D, Pose2D], later_s: float, rng: np.random.Generator) -> float:
    """Compute where a walker must start to cross a straight path ``later_s`` after a robot that drives along it."""
    points = resample_route(route)  # (k, 2)
    a, b = np.array([way[0].x, way[0].y]), np.array([way[1].x, way[1].y])
    ahead = (b - a) / np.hypot(*(b - a))
    off = np.abs(dot(points - a, np.array([-ahead[1], ahead[0]])))  # (k,) distance from the path of the robot, m
    meeting = int(rng.choice(np.flatnonzero(off <= off.min() + TRACE_STEP_M)))  # on the way out or on the way back
    robot_s = float(dot(points[meeting] - a, ahead)) / STRAIGHT_MPS
    return (meeting / len(points) * route.lap_m - route.speed_mps * (robot_s + later_s)) % route.lap_m
