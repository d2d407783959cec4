"""Catch up with the named thing that moves about in a hall, and stay with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scenarios.building.hall import TRIES, furnish, hall
from scenarios.families.family import FamilySpec, drawn
from scenarios.navigation.clearance_grid import ROBOT_RADIUS_M
from scenarios.objects.colours import TARGET_COLOURS, rgba
from scenarios.objects.furniture import person, trolley
from scenarios.objects.routes import gap, loop, trace
from scenarios.objects.targets import circle
from scenarios.objects.vehicles import ball_on_a_cart, service_robot
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.world import RGBA, Compound, Item, Mover, Pose2, Route, Task, World, footprint

# What can be followed: how the instruction names it, and what it is, from a colour.
KINDS: dict[str, Callable[[RGBA], Compound]] = {
    "{colour} robot": service_robot,
    "{colour} ball on a cart": ball_on_a_cart,
    "{colour} trolley": lambda colour: trolley(colour, 0.50, 0.40, 0.70),
    "person in {colour}": lambda colour: person(colour),
}
PASSING_M = 0.45  # between the route and the circle of a target that was not named


@dataclass(frozen=True)
class PursuitSpec(FamilySpec):
    """What a pursuit is drawn from."""

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
    clearance: float = 0.20
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
    """Draw one hall in which something goes round, never up to the start, and with room to follow it all the way."""
    furniture, decoys = spec.furniture.draw(rng), spec.decoys.draw(rng)  # once, so that crowds aren't rejected away
    return drawn("pursuit", lambda: _draw(spec, rng, furniture, decoys))


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
    building = hall(rng, bounds, height, *spec.surfaces(rng))
    goal, other = circle(moving[0], spec.target_radius), circle(other_item, spec.other_radius)
    items, task = (*building, *things, other_item, *moving), Task(goal, (other,), hold_s=spec.hold_time)
    return spec.world(rng, "pursuit", items, start, task, bounds, spec.clearance, movers)


def _item(number: int, kind: str, colour: str) -> Item:
    shape = KINDS[kind](rgba(colour))
    label = kind.format(colour=colour)
    return Item(f"target-{number}", label, shape, Pose2(0.0, 0.0), shape.height_m / 2, rgba(colour), "target")


def _route(spec: PursuitSpec, rng: np.random.Generator, start: Pose2, length: float, width: float) -> Route | None:
    """A rounded loop in either direction; None if the start lies within the target's circle at any time."""
    reach = width / 2 - spec.wall_distance
    ground = (start.x + spec.start_distance, -reach, length - spec.wall_distance, reach)
    route = loop(rng, ground, spec.bulge_factor, spec.target_speed)
    if route is None or gap(trace(route), start) <= spec.target_radius:
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
