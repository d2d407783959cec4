"""Cross a hall in which people walk to and fro across the way, to the named target at its far end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from scenarios.building import drawn_light, tinted
from scenarios.corridor import TARGET_SHAPES
from scenarios.halls import TRACE_STEP_M, furnish, hall, trace
from scenarios.looks import FLOOR_LOOKS, WALL_LOOKS
from scenarios.objects import person
from scenarios.occupancy import ROBOT_RADIUS_M, reachable
from scenarios.palette import OBSTACLE_COLOURS, TARGET_COLOURS, rgba
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.world import Item, Mover, Pose2, Route, Target, Task, World, footprint

SKINS = ((0.90, 0.72, 0.60, 1.0), (0.76, 0.56, 0.42, 1.0), (0.50, 0.34, 0.24, 1.0), (0.32, 0.21, 0.15, 1.0))
STRAIGHT_MPS = 1.1  # a robot that drives straight to the goal; walkers are timed to meet it
FAR_END_M = 1.4  # both targets stand within the last so many metres
LANE_GAP_M = 0.05  # from a walker's hull to the edge of the lane that it keeps to


@dataclass(frozen=True)
class CrossingSpec:
    """What a hall full of walkers is drawn from. Lengths in metres, speeds in m/s, times in seconds."""

    length: Range = Range(8.5, 11.5)
    width: Range = Range(3.8, 5.6)
    height: Range = Range(2.7, 3.4)
    walkers: IntRange = IntRange(2, 4)
    walker_height: Range = Range(1.55, 1.90)
    walker_speed: Range = Range(0.4, 0.8)
    meeting_time: Range = Range(-1.0, 1.0)  # later than a robot that drives straight, where its way crosses a walker's
    first_lane_x: float = 2.0  # no walker comes nearer to the start
    turn_gap: Range = Range(0.15, 0.35)  # from a walker's hull to the wall where it turns: no room for a robot
    rounds_probability: float = 0.3  # of a walker that goes round and round instead of to and fro
    furniture: IntRange = IntRange(1, 4)
    # Nothing that one might take for a target.
    furniture_kinds: Choice[str] = Choice(("pillar", "chair", "table", "crate", "plant", "suitcase", "shelf", "sofa"))
    furniture_gap: float = 0.30  # from a walker's hull
    target_radius: float = 0.50
    start_yaw: Range = Range(-0.35, 0.35)
    clearance: float = 0.20
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(
        (
            "cross the hall to the {target}",
            "go to the {target} and let people pass",
            "drive to the {target} without touching anyone",
            "make your way past the people to the {target}",
            "head for the {target} at the far end, mind the people",
            "find the {target} and drive to it",
        )
    )


def crossing(spec: CrossingSpec, rng: np.random.Generator) -> World:
    """Draw one hall whose standing things leave a way with the spec's clearance, and whose walkers cross it.

    Raises:
        RuntimeError: If 300 draws in a row are unsolvable, which means that the ranges ask for too much.
    """
    walkers, furniture = spec.walkers.draw(rng), spec.furniture.draw(rng)  # once, so that crowds aren't rejected away
    for _ in range(300):
        world = _draw(spec, rng, walkers, furniture)
        if world is not None and reachable(world, spec.clearance):
            return world
    raise RuntimeError(f"no solvable crossing in 300 draws: the ranges leave no room for {spec.clearance} m clearance")


def _draw(spec: CrossingSpec, rng: np.random.Generator, walkers: int, furniture: int) -> World | None:
    length, width, height = spec.length.draw(rng), spec.width.draw(rng), spec.height.draw(rng)
    bounds = (0.0, -width / 2, length, width / 2)
    start = Pose2(0.7, float(rng.uniform(-0.6, 0.6)) * (width / 2 - 0.4), spec.start_yaw.draw(rng))
    targets = _targets(spec, rng, length, width)
    if targets is None:
        return None
    goals = [Target(item.name, item.label, item.pose, spec.target_radius) for item in targets]
    goal, other = goals if rng.integers(2) else reversed(goals)
    lanes = np.linspace(spec.first_lane_x, length - FAR_END_M - spec.target_radius - 0.1, walkers + 1)
    drawn = [_walker(spec, rng, n, lane, width, (start, goal.pose)) for n, lane in enumerate(pairwise(lanes.tolist()))]
    walking = [walker for walker in drawn if walker is not None]
    keep_clear = [(trace(mover.route), footprint(item) + spec.furniture_gap) for item, mover in walking]
    keep_clear.append((np.array([(start.x, start.y)]), ROBOT_RADIUS_M + 2 * spec.clearance))
    keep_clear.append((np.array([(item.pose.x, item.pose.y) for item in targets]), spec.target_radius + 0.2))
    things = furnish(rng, bounds, height, furniture, spec.furniture_kinds, keep_clear)
    if things is None or len(walking) < walkers:
        return None
    floor = (spec.floor_look.draw(rng), tinted(spec.tint, rng))
    building = hall(rng, bounds, height, floor, (spec.wall_look.draw(rng), tinted(spec.tint, rng)))
    return World(
        scenario="crossing",
        items=(*building, *things, *targets, *(item for item, _ in walking)),
        start=start,
        task=Task(goal=goal, others=(other,)),
        instruction=spec.phrases.draw(rng).format(target=goal.description),
        bounds_m=bounds,
        clearance_m=spec.clearance,
        light=drawn_light(spec.ambient, spec.diffuse, rng),
        movers=tuple(mover for _, mover in walking),
    )


def _targets(spec: CrossingSpec, rng: np.random.Generator, length: float, width: float) -> list[Item] | None:
    """Two different targets at the far end, one on the left, one on the right; None in too narrow a hall."""
    inner, outer = spec.target_radius + 0.15, width / 2 - 0.6  # so that the circles never overlap
    if inner > outer:
        return None
    kinds = draw_distinct(rng, [(colour, shape) for colour in TARGET_COLOURS for shape in TARGET_SHAPES], 2)
    items: list[Item] = []
    for side, (colour, name) in zip((1, -1), kinds, strict=True):
        place = Pose2(length - FAR_END_M + float(rng.uniform(0.0, 1.0)), side * float(rng.uniform(inner, outer)))
        shape, number = TARGET_SHAPES[name], len(items)
        items.append(
            Item(f"target-{number}", f"{colour} {name}", shape, place, shape.height_m / 2, rgba(colour), "target")
        )
    return items


def _walker(
    spec: CrossingSpec,
    rng: np.random.Generator,
    number: int,
    lane: tuple[float, float],
    width: float,
    way: tuple[Pose2, Pose2],
) -> tuple[Item, Mover] | None:
    """Somebody who walks from side to side in a lane of their own, and meets whoever drives the straight way.

    Returns:
        The walker where the walk begins; None if the lane or the hall is too narrow for them.
    """
    jacket, trousers = draw_distinct(rng, OBSTACLE_COLOURS, 2)
    shape = person(rgba(jacket), rgba(trousers), spec.walker_height.draw(rng), SKINS[int(rng.integers(len(SKINS)))])
    item = Item(
        f"walker-{number}",
        f"person in {jacket}",
        shape,
        Pose2(0, 0),
        shape.height_m / 2,
        rgba(jacket),
        "obstacle",
    )
    low, high = lane[0] + footprint(item) + LANE_GAP_M, lane[1] - footprint(item) - LANE_GAP_M
    room = width / 2 - footprint(item)
    if high < low or room <= spec.turn_gap.high:
        return None
    side = 1 if rng.integers(2) else -1
    corners = [(float(rng.uniform(low, high)), turn * side * (room - spec.turn_gap.draw(rng))) for turn in (1, -1)]
    rounds = bool(rng.uniform() < spec.rounds_probability)
    if rounds:
        corners.append((float(rng.uniform(low, high)), float(rng.uniform(-0.5, 0.5)) * room))
    route = Route(tuple(corners), spec.walker_speed.draw(rng), closed=rounds)
    route = replace(route, start_m=_start_m(route, way, spec.meeting_time.draw(rng), rng))
    return replace(item, pose=route.at(route.start_m)), Mover(item.name, route)


def _start_m(route: Route, way: tuple[Pose2, Pose2], later_s: float, rng: np.random.Generator) -> float:
    """Where on its route a walker begins who crosses a straight way so much later than a robot that drives along it."""
    points = trace(route)  # (k, 2)
    a, b = np.array([way[0].x, way[0].y]), np.array([way[1].x, way[1].y])
    ahead = (b - a) / np.hypot(*(b - a))
    off = np.abs((points - a) @ np.array([-ahead[1], ahead[0]]))  # (k,) metres beside the way
    meeting = int(rng.choice(np.flatnonzero(off <= off.min() + TRACE_STEP_M)))  # on the way there, or on that back
    robot_s = float((points[meeting] - a) @ ahead) / STRAIGHT_MPS
    return (meeting / len(points) * route.lap_m - route.speed_mps * (robot_s + later_s)) % route.lap_m
