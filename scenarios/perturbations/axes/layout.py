"""Layout: more and larger obstacles than a scenario samples."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scenarios.geometry import Pose2D
from scenarios.navigation.clearance_grid import BLOCKING_ROLES, ObstacleOutlines
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import FURNITURE
from scenarios.perturbations.axes.start_pose import MAX_SHIFT_M
from scenarios.perturbations.axis import PerturbationAxis, describe_levels
from scenarios.perturbations.free_space import GAP_M, FreeSpace
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import (
    Box,
    Compound,
    CompoundPart,
    Cone,
    Cylinder,
    Item,
    Primitive,
    Shape,
    Sphere,
    World,
    footprint_radius,
)

GROWTH = (1.0, 1.15, 1.30, 1.50)  # by level; of both edges on the floor
HEIGHT = (1.0, 1.15, 1.30, 1.50)  # taller or flatter by this factor
MAX_HEIGHT_M = 2.1  # below every ceiling; taller items, such as pillars, keep their height
EXTRA_PER_100_M2 = (0.0, 5.0, 10.0, 20.0)  # more obstacles
GROWN_ROUTE_CLEARANCE_M = 0.25  # of enlarged items; some unperturbed items are as close to a route
TRIES = 25  # places per obstacle
PATTERN_MAX_M = 0.85  # radius of the widest item to copy: boxes, not sofas
DEFAULT_KINDS = ("chair", "plant", "suitcase", "bin")  # if a scenario has no item to copy
DEFAULT_COLOURS = ("brown", "grey", "white", "black")  # that no target has


def _layout(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    ground = FreeSpace(base, MAX_SHIFT_M)
    standing = _fixed_obstacles(base)
    grown = {item.name: item for item in (_grow_item(item, ground, level, rng) for item in standing)}
    more = _extra_obstacles(base, ground, list(grown.values()), level, rng)
    now = {item.name: item for item in world.items}
    items = [
        replace(item, shape=grown[item.name].shape, z_m=grown[item.name].z_m) if item.name in grown else item
        for item in world.items
    ]
    # A copy has the current colour and texture of its original.
    items += [replace(item, rgba=now[of].rgba, texture=now[of].texture) if of else item for item, of in more]
    return replace(world, items=tuple(items))


def _fixed_obstacles(base: World) -> list[Item]:
    """Return the obstacles that stand on the floor and don't move."""
    moving = {mover.name for mover in base.movers}
    return [
        item
        for item in base.items
        if item.role == "obstacle" and item.name not in moving and abs(item.z_m - item.shape.height_m / 2) < 1e-6
    ]


def _grow_item(item: Item, ground: FreeSpace, level: int, rng: np.random.Generator) -> Item:
    """Return the enlarged item, or the item itself if the larger one would block the robot or meet a wall."""
    height = HEIGHT[level] if rng.random() < 0.5 else 1.0 / HEIGHT[level]
    if item.shape.height_m > MAX_HEIGHT_M:
        height = 1.0
    height = min(height, max(1.0, MAX_HEIGHT_M / item.shape.height_m))
    shape = scale_shape(item.shape, GROWTH[level], height)
    larger = replace(item, shape=shape, z_m=shape.height_m / 2)
    return (
        larger
        if not _meets_inner_wall(ground.world, larger) and ground.try_place(larger, GROWN_ROUTE_CLEARANCE_M)
        else item
    )


def _meets_inner_wall(world: World, item: Item) -> bool:
    """Return whether the item touches a wall that has a room on its other side."""
    x_min, y_min, x_max, y_max = world.bounds_m
    inner = [
        wall
        for wall in world.items
        if wall.role == "wall" and x_min < wall.pose.x < x_max and y_min < wall.pose.y < y_max
    ]
    nearest = float(ObstacleOutlines(world, inner).clearance(np.array([item.pose.x, item.pose.y]))) + ROBOT_RADIUS_M
    return nearest < footprint_radius(item)


def _extra_obstacles(
    base: World, ground: FreeSpace, standing: list[Item], level: int, rng: np.random.Generator
) -> list[tuple[Item, str | None]]:
    """Place as many more obstacles as the level says and there is room for; each with the name of its original."""
    x_min, y_min, x_max, y_max = base.bounds_m
    wanted = math.ceil(EXTRA_PER_100_M2[level] * base.bounds_m.length * base.bounds_m.width / 100.0)
    patterns = [item for item in standing if footprint_radius(item) <= PATTERN_MAX_M and not _is_named(item, base)]
    names = {item.name for item in standing}
    taken = [*standing, *(item for item in base.items if item.role in BLOCKING_ROLES and item.name not in names)]
    more: list[tuple[Item, str | None]] = []
    for number in range(wanted):
        for _ in range(TRIES):
            of = patterns[int(rng.integers(len(patterns)))] if patterns else None
            place = Pose2D(
                float(rng.uniform(x_min, x_max)),
                float(rng.uniform(y_min, y_max)),
                float(rng.uniform(-math.pi, math.pi)),
            )
            item = replace(of or _sample_default_obstacle(rng), name=f"more-{number}", pose=place)
            if _is_free(base, item, taken) and ground.try_place(item):
                taken.append(item)
                more.append((item, of.name if of else None))
                break
    return more


def _is_named(item: Item, base: World) -> bool:
    """Return whether the instruction mentions this kind of item, so that one more would make it wrong."""
    return item.label.split()[-1] in base.instruction.lower().replace(",", " ").split()


def _sample_default_obstacle(rng: np.random.Generator) -> Item:
    kind = DEFAULT_KINDS[int(rng.integers(len(DEFAULT_KINDS)))]
    colour = DEFAULT_COLOURS[int(rng.integers(len(DEFAULT_COLOURS)))]
    shape = FURNITURE[kind](rng, named_rgba(colour))
    return Item("", f"{colour} {kind}", shape, Pose2D(0.0, 0.0), shape.height_m / 2, named_rgba(colour), "obstacle")


def _is_free(base: World, item: Item, taken: list[Item]) -> bool:
    """Return whether the item touches nothing, no target's circle, and no segment that decides a passing side."""
    radius, here = footprint_radius(item), np.array([item.pose.x, item.pose.y])
    if float(ObstacleOutlines(base, taken).clearance(here)) + ROBOT_RADIUS_M < radius + GAP_M:
        return False
    task = base.task
    if any(math.dist(here, (t.pose.x, t.pose.y)) < radius + t.radius_m for t in (task.goal, *task.others)):
        return False
    lines = () if task.side is None else (task.side.asked, task.side.other)
    return all(float(ObstacleOutlines(base, [item]).clearance(np.linspace(a, b, 50)).min()) >= 0.0 for a, b in lines)


def scale_shape(shape: Shape, width_factor: float, height_factor: float) -> Shape:
    """Scale a shape in width and height; a ball by the smaller factor, so that it stays within its hull."""
    if isinstance(shape, Compound):
        parts = tuple(
            CompoundPart(
                _scale_primitive(part.shape, width_factor, height_factor),
                (width_factor * part.offset_m[0], width_factor * part.offset_m[1], height_factor * part.offset_m[2]),
                part.rgba,
            )
            for part in shape.parts
        )
        hull = _scale_primitive(shape.hull, width_factor, height_factor)
        assert isinstance(hull, Box | Cylinder)
        return Compound(parts, hull)
    return _scale_primitive(shape, width_factor, height_factor)


def _scale_primitive(shape: Primitive, width_factor: float, height_factor: float) -> Primitive:
    match shape:
        case Box((x, y, z)):
            return Box((width_factor * x, width_factor * y, height_factor * z))
        case Cylinder(radius, tall):
            return Cylinder(width_factor * radius, height_factor * tall)
        case Cone(radius, tall):
            return Cone(width_factor * radius, height_factor * tall)
        case Sphere(radius):
            return Sphere(min(width_factor, height_factor) * radius)


AXIS = PerturbationAxis(
    "layout",
    "more and larger obstacles; every target stays reachable",
    describe_levels(
        lambda level: (
            f"{EXTRA_PER_100_M2[level]:g} more obstacles per 100 m², all {GROWTH[level] - 1:.0%} wider and "
            f"{HEIGHT[level] - 1:.0%} taller or flatter, where there is room"
        )
    ),
    _layout,
)
