"""Cross a hall crammed with things, to the named target at its far side."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from scenarios.building import drawn_light, tinted
from scenarios.halls import hall
from scenarios.looks import FLOOR_LOOKS, WALL_LOOKS
from scenarios.objects import FURNITURE
from scenarios.occupancy import CELL_M, ROBOT_RADIUS_M, Hulls, reachable
from scenarios.palette import OBSTACLE_COLOURS, rgba
from scenarios.ranges import Choice, IntRange, Range
from scenarios.targets import spread
from scenarios.world import Box, Item, Pose2, Target, Task, World, hull

SHAPES, PLACES = 10, 8  # tried for each thing
STEP_M = 0.05  # along the lane
PLAN_POINTS = np.stack(np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9)), axis=-1).reshape(-1, 2)  # (81, 2)


@dataclass(frozen=True)
class ClutterSpec:
    """What a crammed hall is drawn from. Lengths in metres, angles in radians."""

    length: Range = Range(8.0, 9.5)
    width: Range = Range(3.4, 4.6)
    height: Range = Range(2.6, 3.2)
    things: IntRange = IntRange(10, 20)
    kinds: Choice[str] = Choice(("box", "crate", "chair", "table", "plant", "suitcase"))
    box_length: Range = Range(0.25, 0.60)
    box_width: Range = Range(0.25, 0.80)
    box_height: Range = Range(0.25, 1.10)
    gap: float = 0.04  # between things, and from them to the walls
    bend_spacing: float = 1.4  # from one bend to the next of the lane that things leave free
    start_length: float = 1.2  # nothing stands nearer to the start's wall
    end_length: float = 1.7  # nor to the end, where the targets are
    targets: IntRange = IntRange(2, 3)
    target_spacing: float = 1.35  # between centres: two circles never overlap, and leave room to pass between them
    target_radius: float = 0.50
    start_yaw: Range = Range(-0.35, 0.35)
    clearance: float = 0.15  # on each side of the hull, along some path, in every draw
    floor_look: Choice[str] = Choice(FLOOR_LOOKS)
    wall_look: Choice[str] = Choice(WALL_LOOKS)
    tint: Range = Range(0.88, 1.0)
    ambient: Range = Range(0.62, 0.78)
    diffuse: Range = Range(0.26, 0.38)
    phrases: Choice[str] = Choice(
        (
            "cross the hall to the {target}",
            "find a way between the things to the {target}",
            "go around the furniture to the {target} on the far side",
            "drive to the {target} at the far end without touching anything",
            "get past all the obstacles and stop at the {target}",
            "navigate to the {target}",
        )
    )


def clutter(spec: ClutterSpec, rng: np.random.Generator) -> World:
    """Draw one hall that is crossable with the spec's clearance, because its things leave a winding lane free.

    Raises:
        RuntimeError: If 300 draws in a row are unsolvable, which means that the ranges ask for too much.
    """
    things = spec.things.draw(rng)  # drawn once, so that full halls are not rejected away
    for _ in range(300):
        world = _draw(spec, rng, things)
        if world is not None and reachable(world, spec.clearance):
            return world
    raise RuntimeError(f"no crossable clutter in 300 draws: the ranges leave no room for {spec.clearance} m clearance")


def _draw(spec: ClutterSpec, rng: np.random.Generator, count: int) -> World | None:
    length, width, height = spec.length.draw(rng), spec.width.draw(rng), spec.height.draw(rng)
    bounds = (0.0, -width / 2, length, width / 2)
    end = (length - spec.end_length + 0.4, 0.35 - width / 2, length - 0.35, width / 2 - 0.35)
    targets = spread(rng, end, spec.targets.draw(rng), spec.target_spacing)
    if targets is None:
        return None
    goals = tuple(Target(item.name, item.label, item.pose, spec.target_radius) for item in targets)
    named = int(rng.integers(len(goals)))
    room = width / 2 - ROBOT_RADIUS_M - spec.clearance
    floor, wall = ((look.draw(rng), tinted(spec.tint, rng)) for look in (spec.floor_look, spec.wall_look))
    world = World(
        scenario="clutter",
        items=(*hall(rng, bounds, height, floor, wall), *targets),
        start=Pose2(0.6, float(rng.uniform(-room, room)), spec.start_yaw.draw(rng)),
        task=Task(goal=goals[named], others=goals[:named] + goals[named + 1 :], time_limit_s=40.0),
        instruction=spec.phrases.draw(rng).format(target=goals[named].description),
        bounds_m=bounds,
        clearance_m=spec.clearance,
        light=drawn_light(spec.ambient, spec.diffuse, rng),
    )
    things = _things(spec, rng, world, count)
    return None if things is None else replace(world, items=(*world.items, *things))


def _things(spec: ClutterSpec, rng: np.random.Generator, world: World, count: int) -> list[Item] | None:
    """Things that touch neither each other nor the walls, and leave one lane free; None if so many find no room."""
    lane = _lane(spec, rng, world)
    items: list[Item] = []
    for number in range(count):
        item = _fitting(spec, rng, world, number, Hulls(world, items), lane)
        if item is None:
            return None
        items.append(item)
    return items


def _fitting(
    spec: ClutterSpec, rng: np.random.Generator, world: World, number: int, standing: Hulls, lane: np.ndarray
) -> Item | None:
    """One thing more, where there is room for it beside those that stand and off the lane (k, 2); None if nowhere."""
    _, _, length, half = world.bounds_m
    low = np.array([spec.start_length, spec.gap - half])
    high = np.array([length - spec.end_length, half - spec.gap])
    for _ in range(SHAPES):
        thing = _thing(spec, rng, number)
        for x, y, turn in rng.uniform((*low, -math.pi), (*high, math.pi), size=(PLACES, 3)).tolist():
            item = replace(thing, pose=Pose2(x, y, turn))
            plan = _plan(item)
            if (
                np.all((plan >= low) & (plan <= high))
                and Hulls(world, [item]).clearance(lane).min() >= spec.clearance + CELL_M  # cells lie beside the lane
                and standing.clearance(plan).min() >= spec.gap - ROBOT_RADIUS_M
            ):
                return item
    return None


def _lane(spec: ClutterSpec, rng: np.random.Generator, world: World) -> np.ndarray:
    """(k, 2) a way from the start to the goal that bend_spacing to and fro, in small steps."""
    goal, (_, _, length, half) = world.task.goal.pose, world.bounds_m
    xs = np.arange(spec.start_length, length - spec.end_length, spec.bend_spacing)
    room = half - ROBOT_RADIUS_M - spec.clearance - CELL_M
    xs = np.concatenate([[world.start.x], xs, [goal.x]])
    ys = np.concatenate([[world.start.y], rng.uniform(-room, room, len(xs) - 2), [goal.y]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
    steps = np.linspace(0.0, along[-1], math.ceil(along[-1] / STEP_M))
    return np.stack([np.interp(steps, along, xs), np.interp(steps, along, ys)], axis=-1)


def _thing(spec: ClutterSpec, rng: np.random.Generator, number: int) -> Item:
    """One thing, not yet in its place."""
    kind, colour = spec.kinds.draw(rng), OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
    pose = Pose2(0.0, 0.0)
    paint, label, name = rgba(colour), f"{colour} {kind}", f"{kind}-{number}"
    if kind == "box":
        box = Box((spec.box_length.draw(rng), spec.box_width.draw(rng), spec.box_height.draw(rng)))
        return Item(name, label, box, pose, box.height_m / 2, paint, "obstacle", "box/crate")
    shape = FURNITURE[kind](rng, paint)
    return Item(name, label, shape, pose, shape.height_m / 2, paint, "obstacle")


def _plan(item: Item) -> np.ndarray:
    """(81, 2) points all over the floor plan of an item's hull; of the square about a round one."""
    shape, pose = hull(item.shape), item.pose
    half = np.array(shape.size_m[:2]) / 2 if isinstance(shape, Box) else np.full(2, shape.radius_m)
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    return PLAN_POINTS * half @ np.array([[cos, sin], [-sin, cos]]) + (pose.x, pose.y)
