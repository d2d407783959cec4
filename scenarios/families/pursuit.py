"""Pursuit: catch up with the named moving target in a hall and follow it.

The target must be followed for a stretch of its way that doesn't fit into its circle, so that nobody succeeds who waits
somewhere and lets it pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from scenarios.building.hall import PLACE_TRIES, build_hall, place_furniture
from scenarios.families.family import HallSpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import TARGET_COLOURS, named_rgba
from scenarios.objects.furniture import build_person, build_trolley
from scenarios.objects.routes import distance_to_points, find_seen_stretch, resample_route, sample_loop_route
from scenarios.objects.targets import target_region
from scenarios.objects.vehicles import build_ball_on_cart, build_service_robot
from scenarios.ranges import Choice, IntRange, Range, draw_distinct, with_unit
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import RGBA, Compound, Item, MovingItem, Route, Task, World, footprint_radius

# Targets to follow: their name in the instruction, and the function that builds their shape from a colour.
TARGET_BUILDERS: dict[str, Callable[[RGBA], Compound]] = {
    "{colour} robot": build_service_robot,
    "{colour} ball on a cart": build_ball_on_cart,
    "{colour} trolley": lambda colour: build_trolley(colour, 0.50, 0.40, 0.70),
    "person in {colour}": lambda colour: build_person(colour),
}
PASSING_M = 0.45  # between the route and the circle of the other target
STRETCH_MARGIN_M = 0.3  # of the way to follow, beyond the longest stretch that a circle can contain
DECOY_DISTANCE_M = 1.6  # between two movers, at least
LAP_SAMPLES = 80


@dataclass(frozen=True)
class PursuitSpec(HallSpec):
    """The ranges of a pursuit."""

    length: Range = Range(8.0, 10.5)
    width: Range = Range(5.5, 7.5)
    height: Range = Range(2.7, 3.4)
    target_speed: Range = Range(0.30, 0.50)
    target_pace: Range = with_unit(Range(0.6, 1.4), "")  # factor on the speed, another one after each corner
    start_distance: float = 1.8  # least distance of the route from the start
    wall_distance: float = 0.9  # of the route from the walls
    bulge_factor: Range = Range(0.5, 1.0)  # of each corner: share of the largest distance from the middle that fits
    decoys: IntRange = IntRange(1, 2)  # other moving targets on the same route, far behind and ahead
    furniture: IntRange = IntRange(2, 4)
    # Nothing that could be mistaken for a target.
    furniture_kinds: Choice[str] = Choice(("pillar", "chair", "table", "crate", "plant", "bin", "shelf", "sofa"))
    target_radius: float = 1.0
    other_radius: float = 0.5
    follow_distance: Range = Range(3.0, 4.0)  # of the target's way, within its circle without a break
    time_limit: float = 40.0
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
    unseen_phrases: Choice[str] = Choice(
        (
            "whatever it does, do not lose the {target}",
            "chase the {target} and remain next to it",
            "stick with the {target} as it travels about",
            "run alongside the {target} all the way",
            "tail the {target} and never let it get away",
        )
    )


def pursuit(spec: PursuitSpec, rng: np.random.Generator) -> World:
    """Sample a hall with a target on a loop that stays away from the start and leaves room to follow it."""
    # Sampled once, so that rejection doesn't favour empty halls.
    furniture, decoys, follow_m = spec.furniture.draw(rng), spec.decoys.draw(rng), spec.follow_distance.draw(rng)
    return rejection_sample("pursuit", lambda: _draw(spec, rng, furniture, decoys, follow_m))


def _draw(spec: PursuitSpec, rng: np.random.Generator, furniture: int, decoys: int, follow_m: float) -> World | None:
    length, width, height = spec.sample_size(rng)
    bounds = Bounds.from_size(length, width)
    start = Pose2D(0.7, float(rng.uniform(-0.6, 0.6)) * (width / 2 - 0.6), spec.start_yaw.draw(rng))
    route = _route(spec, rng, start, length, width)
    if route is None or find_seen_stretch(route, spec.target_radius) + STRETCH_MARGIN_M > follow_m:
        return None
    kinds = draw_distinct(rng, [(kind, colour) for kind in TARGET_BUILDERS for colour in TARGET_COLOURS], 2 + decoys)
    goal_item, other_item, *decoy_items = (_item(number, *kind) for number, kind in enumerate(kinds))
    stands = _beside(spec, rng, resample_route(route), start, bounds, footprint_radius(other_item))
    if stands is None:
        return None
    other_item = replace(other_item, pose=stands)
    movers = [MovingItem(goal_item.name, route, yields=False)]
    for item in decoy_items:  # as fast on the same route, so that they never meet
        behind = (len(movers) + float(rng.uniform(-0.1, 0.1))) / (1 + decoys)  # laps
        start_m = route.advance(route.start_m, route.lap_s * behind) % route.lap_m
        movers.append(MovingItem(item.name, replace(route, start_m=start_m), yields=False))
    if not _stay_apart([mover.route for mover in movers]):
        return None
    moving = [
        replace(item, pose=mover.route.pose_at(mover.route.start_m))
        for item, mover in zip((goal_item, *decoy_items), movers, strict=True)
    ]
    beside = max(ROBOT_RADIUS_M + spec.clearance, *(footprint_radius(item) for item in moving)) + 0.1
    keep_clear = [(resample_route(route), beside)]
    keep_clear.append((np.array([(start.x, start.y)]), ROBOT_RADIUS_M + 2 * spec.clearance))
    keep_clear.append((np.array([(stands.x, stands.y)]), footprint_radius(other_item) + 0.1))
    things = place_furniture(rng, bounds, height, furniture, spec.furniture_kinds, keep_clear)
    if things is None:
        return None
    building = build_hall(rng, bounds, height, *spec.sample_surfaces(rng))
    goal, *others = (target_region(item, spec.target_radius) for item in moving)
    task = Task(
        goal,
        (target_region(other_item, spec.other_radius),),
        time_limit_s=spec.time_limit,
        hold_m=follow_m,
        decoys=tuple(others),
    )
    items = (*building, *things, other_item, *moving)
    return spec.assemble_world(rng, "pursuit", items, start, task, bounds, spec.clearance, movers)


def _stay_apart(routes: list[Route]) -> bool:
    """Return whether items that move along these routes, as fast as each other, never come close."""
    seconds = np.linspace(0.0, routes[0].lap_s, LAP_SAMPLES, endpoint=False).tolist()
    places = [
        np.array([route.pose_at(route.advance(route.start_m, second)).xy for second in seconds]) for route in routes
    ]
    return all(np.hypot(*(a - b).T).min() >= DECOY_DISTANCE_M for a, b in combinations(places, 2))


def _item(number: int, kind: str, colour: str) -> Item:
    shape = TARGET_BUILDERS[kind](named_rgba(colour))
    label = kind.format(colour=colour)
    return Item(f"target-{number}", label, shape, Pose2D(0.0, 0.0), shape.height_m / 2, named_rgba(colour), "target")


def _route(spec: PursuitSpec, rng: np.random.Generator, start: Pose2D, length: float, width: float) -> Route | None:
    """Sample a rounded loop in either direction; return None if the target's circle ever covers the start."""
    reach = width / 2 - spec.wall_distance
    ground = Bounds(start.x + spec.start_distance, -reach, length - spec.wall_distance, reach)
    route = sample_loop_route(rng, ground, spec.bulge_factor, spec.target_speed, spec.target_pace)
    if route is None or distance_to_points(resample_route(route), start) <= spec.target_radius:
        return None
    return replace(route, start_m=float(rng.uniform(0.0, route.lap_m)))


def _beside(
    spec: PursuitSpec,
    rng: np.random.Generator,
    way: np.ndarray,
    start: Pose2D,
    bounds_m: Bounds,
    reach: float,
) -> Pose2D | None:
    """Sample a place for another target whose circle a robot on the path (k, 2) doesn't enter."""
    x_min, y_min, x_max, y_max = bounds_m
    edge = reach + 0.1
    for _ in range(PLACE_TRIES):
        x, y = float(rng.uniform(x_min + edge, x_max - edge)), float(rng.uniform(y_min + edge, y_max - edge))
        if (
            distance_to_points(way, (x, y)) >= spec.other_radius + PASSING_M
            and math.dist((x, y), (start.x, start.y)) >= 1.5
        ):
            return Pose2D(x, y, float(rng.uniform(-math.pi, math.pi)))
    return None
