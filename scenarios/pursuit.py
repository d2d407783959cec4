"""Catch up with the named thing that moves about in a hall, and stay with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scenarios.building import drawn_light, shade, tinted
from scenarios.halls import TRIES, furnish, gap, hall, trace
from scenarios.looks import FLOOR_LOOKS, WALL_LOOKS
from scenarios.objects import METAL, RUBBER, person, trolley
from scenarios.occupancy import ROBOT_RADIUS_M, reachable
from scenarios.palette import TARGET_COLOURS, rgba
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.world import (
    RGBA,
    Box,
    Compound,
    Cylinder,
    Item,
    Mover,
    Part,
    Pose2,
    Route,
    Sphere,
    Target,
    Task,
    World,
    footprint,
)


def _robot(colour: RGBA) -> Compound:
    """A round service robot facing +x: wheels, body, a white head with two eyes, and an aerial."""
    return Compound(
        (
            Part(Cylinder(0.20, 0.08), (0.0, 0.0, -0.36), RUBBER),
            Part(Cylinder(0.23, 0.36), (0.0, 0.0, -0.14), colour),
            Part(Cylinder(0.19, 0.05), (0.0, 0.0, 0.065), shade(colour, 0.7)),
            Part(Sphere(0.15), (0.0, 0.0, 0.17), (0.95, 0.95, 0.95, 1.0)),
            Part(Sphere(0.035), (0.125, 0.055, 0.20), RUBBER),
            Part(Sphere(0.035), (0.125, -0.055, 0.20), RUBBER),
            Part(Cylinder(0.012, 0.10), (0.0, 0.0, 0.345), METAL),
        ),
        Cylinder(0.23, 0.80),
    )


def _ball_on_a_cart(colour: RGBA) -> Compound:
    """A flat grey cart facing +x that carries a large ball."""
    wheels = [(x, y, -0.26) for x in (0.14, -0.14) for y in (0.15, -0.15)]
    return Compound(
        (
            *(Part(Sphere(0.05), wheel, RUBBER) for wheel in wheels),
            Part(Box((0.44, 0.40, 0.08)), (0.0, 0.0, -0.18), METAL),
            Part(Cylinder(0.10, 0.05), (0.0, 0.0, -0.115), RUBBER),
            Part(Sphere(0.20), (0.0, 0.0, 0.11), colour),
        ),
        Box((0.44, 0.40, 0.62)),
    )


# What can be followed: how the instruction names it, and what it is, from a colour.
KINDS: dict[str, Callable[[RGBA], Compound]] = {
    "{colour} robot": _robot,
    "{colour} ball on a cart": _ball_on_a_cart,
    "{colour} trolley": lambda colour: trolley(colour, 0.50, 0.40, 0.70),
    "person in {colour}": lambda colour: person(colour),
}
PASSING_M = 0.45  # between the route and the circle of a target that was not named
CORNERS, SMOOTHINGS = 7, 2  # of a route's outline, and how often its corners are cut


@dataclass(frozen=True)
class PursuitSpec:
    """What a pursuit is drawn from. Lengths in metres, speeds in m/s, times in seconds."""

    length: Range = Range(8.0, 10.5)
    width: Range = Range(5.5, 7.5)
    height: Range = Range(2.7, 3.4)
    target_speed: Range = Range(0.25, 0.50)
    start_distance: float = 1.8  # that the route keeps from the start, at least
    wall_distance: float = 0.9  # that it keeps from the walls
    bulge_factor: Range = Range(0.65, 1.0)  # of the way from the route's middle to where it would be farthest out
    decoys: IntRange = IntRange(0, 1)  # others that move, half a lap away
    furniture: IntRange = IntRange(2, 4)
    # Nothing that one might take for a target.
    furniture_kinds: Choice[str] = Choice(("pillar", "chair", "table", "crate", "plant", "bin", "shelf", "sofa"))
    target_radius: float = 1.0
    other_radius: float = 0.5
    hold_time: float = 3.0
    start_yaw: Range = Range(-0.35, 0.35)
    clearance: float = 0.20
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(
        (
            "follow the {target}",
            "catch up with the {target} and stay alongside",
            "go after the {target} and keep close",
            "keep up with the {target} without touching anything",
            "drive after the {target} wherever that leads",
            "catch up with the {target} and stay close",
        )
    )


def pursuit(spec: PursuitSpec, rng: np.random.Generator) -> World:
    """Draw one hall in which something goes round, never up to the start, and with room to follow it all the way.

    Raises:
        RuntimeError: If 300 draws in a row are unsolvable, which means that the ranges ask for too much.
    """
    furniture, decoys = spec.furniture.draw(rng), spec.decoys.draw(rng)  # once, so that crowds aren't rejected away
    for _ in range(300):
        world = _draw(spec, rng, furniture, decoys)
        if world is not None and reachable(world, spec.clearance):
            return world
    raise RuntimeError(f"no solvable pursuit in 300 draws: the ranges leave no room for {spec.clearance} m clearance")


def _draw(spec: PursuitSpec, rng: np.random.Generator, furniture: int, decoys: int) -> World | None:
    length, width, height = spec.length.draw(rng), spec.width.draw(rng), spec.height.draw(rng)
    bounds = (0.0, -width / 2, length, width / 2)
    start = Pose2(0.7, float(rng.uniform(-0.6, 0.6)) * (width / 2 - 0.6), spec.start_yaw.draw(rng))
    route = _route(spec, rng, start, length, width)
    if route is None:
        return None
    kinds = draw_distinct(rng, [(kind, colour) for kind in KINDS for colour in TARGET_COLOURS], 2 + decoys)
    goal_item, other_item, *decoy_items = (_item(number, *kind) for number, kind in enumerate(kinds))
    stands = _beside(spec, rng, trace(route), start, bounds, footprint(other_item))
    if stands is None:
        return None
    other_item = replace(other_item, pose=stands)
    movers = [Mover(goal_item.name, route, yields=False)]
    for item in decoy_items:  # as fast and on the same way, so that they never meet
        start_m = route.start_m + route.lap_m * float(rng.uniform(0.4, 0.6))
        movers.append(Mover(item.name, replace(route, start_m=start_m % route.lap_m), yields=False))
    moving = [
        replace(item, pose=mover.route.at(mover.route.start_m))
        for item, mover in zip((goal_item, *decoy_items), movers, strict=True)
    ]
    beside = max(ROBOT_RADIUS_M + spec.clearance, *(footprint(item) for item in moving)) + 0.1
    keep_clear = [(trace(route), beside)]
    keep_clear.append((np.array([(start.x, start.y)]), ROBOT_RADIUS_M + 2 * spec.clearance))
    keep_clear.append((np.array([(stands.x, stands.y)]), footprint(other_item) + 0.1))
    things = furnish(rng, bounds, height, furniture, spec.furniture_kinds, keep_clear)
    if things is None:
        return None
    floor = (spec.floor_look.draw(rng), tinted(spec.tint, rng))
    building = hall(rng, bounds, height, floor, (spec.wall_look.draw(rng), tinted(spec.tint, rng)))
    goal = Target(goal_item.name, goal_item.label, moving[0].pose, spec.target_radius)
    other = Target(other_item.name, other_item.label, stands, spec.other_radius)
    return World(
        scenario="pursuit",
        items=(*building, *things, other_item, *moving),
        start=start,
        task=Task(goal=goal, others=(other,), hold_s=spec.hold_time),
        instruction=spec.phrases.draw(rng).format(target=goal.description),
        bounds_m=bounds,
        clearance_m=spec.clearance,
        light=drawn_light(spec.ambient, spec.diffuse, rng),
        movers=tuple(movers),
    )


def _item(number: int, kind: str, colour: str) -> Item:
    shape = KINDS[kind](rgba(colour))
    label = kind.format(colour=colour)
    return Item(f"target-{number}", label, shape, Pose2(0.0, 0.0), shape.height_m / 2, rgba(colour), "target")


def _route(spec: PursuitSpec, rng: np.random.Generator, start: Pose2, length: float, width: float) -> Route | None:
    """A rounded loop in either direction; None if the start lies within the target's circle at any time."""
    nearest, farthest = start.x + spec.start_distance, length - spec.wall_distance
    middle, reach_x, reach_y = (nearest + farthest) / 2, (farthest - nearest) / 2, width / 2 - spec.wall_distance
    if reach_x <= 0.0 or reach_y <= 0.0:
        return None
    turns = (np.arange(CORNERS) + rng.uniform(-0.3, 0.3, CORNERS) + rng.uniform()) * math.tau / CORNERS
    outline = np.stack([reach_x * np.cos(turns), reach_y * np.sin(turns)], axis=1)  # (k, 2) about the middle
    outline *= np.array([spec.bulge_factor.draw(rng) for _ in turns])[:, None]
    for _ in range(SMOOTHINGS):  # each corner gives way to two, a quarter along the edges beside it (Chaikin, 1974)
        onward = np.roll(outline, -1, axis=0)
        outline = np.stack([0.75 * outline + 0.25 * onward, 0.25 * outline + 0.75 * onward], axis=1).reshape(-1, 2)
    if rng.integers(2):
        outline = outline[::-1]
    corners = tuple((middle + x, y) for x, y in outline.tolist())
    route = Route(corners, spec.target_speed.draw(rng), closed=True)
    if gap(trace(route), start) <= spec.target_radius:
        return None
    return replace(route, start_m=float(rng.uniform(0.0, route.lap_m)))


def _beside(
    spec: PursuitSpec,
    rng: np.random.Generator,
    way: np.ndarray,
    start: Pose2,
    bounds_m: tuple[float, float, float, float],
    reach: float,
) -> Pose2 | None:
    """Where something stands that was not named: whoever follows the way (k, 2) needn't enter its circle."""
    x_min, y_min, x_max, y_max = bounds_m
    edge = reach + 0.1
    for _ in range(TRIES):
        x, y = float(rng.uniform(x_min + edge, x_max - edge)), float(rng.uniform(y_min + edge, y_max - edge))
        if gap(way, (x, y)) >= spec.other_radius + PASSING_M and math.dist((x, y), (start.x, start.y)) >= 1.5:
            return Pose2(x, y, float(rng.uniform(-math.pi, math.pi)))
    return None
