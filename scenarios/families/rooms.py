"""Rooms: find a target that is hidden at the start, in the room off the hallway that the instruction names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.building.doors import PAINTS
from scenarios.building.hallway import ORDINALS, Room, build_hallway, sample_rooms_beside
from scenarios.building.shell import WALL_THICKNESS_M
from scenarios.families.family import FamilySpec, rejection_sample
from scenarios.geometry import Bounds, Pose2D
from scenarios.navigation.clearance_grid import ObstacleOutlines, is_visible_from_start
from scenarios.objects.colours import OBSTACLE_COLOURS, named_rgba
from scenarios.objects.furniture import FURNITURE
from scenarios.objects.items import build_item
from scenarios.objects.targets import TARGET_KINDS, build_target_item, sample_reach_task, target_region
from scenarios.ranges import Choice, IntRange, Range, draw_distinct
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Item, World

OUTER_MARGIN_M = 0.40  # from a target to the building's outer walls
TARGET_GAP_M = 0.15  # between furniture and a robot at a target; nearer furniture is left out
CORNER_M = 0.80  # length of side wall that is left to furniture along the far wall


@dataclass(frozen=True)
class RoomsSpec(FamilySpec):
    """The ranges of a hallway with rooms.

    Attributes:
        rooms: Number of rooms on the left and on the right: two or more in total, at most three on a side.
        room_length: Length along the hallway on the side with more rooms; the other side has the same total length.
        same_kind_probability: Probability that all targets are of one kind, so that only the room's name tells them
            apart.
    """

    rooms: Choice[tuple[int, int]] = Choice(((1, 1), (2, 0), (0, 2), (2, 1), (1, 2), (2, 2)))
    room_length: Range = Range(3.6, 4.6)
    room_depth: Range = Range(2.8, 3.6)
    hall_width: Range = Range(1.7, 2.3)
    height: Range = Range(2.4, 2.8)
    door_width: Range = Range(0.90, 1.10)
    door_margin: float = 0.45  # least length of wall on each side of a door
    same_kind_probability: float = 0.5
    furniture: IntRange = IntRange(1, 2)  # in each room
    kinds: Choice[str] = Choice(("sofa", "shelf", "table", "chair", "plant", "suitcase"))
    start_yaw: Range = Range(-0.25, 0.25)
    clearance: float = 0.20  # on each side of the hull, along some path, in every draw
    paint: Choice[str] = Choice(tuple(PAINTS))
    phrases: Choice[str] = Choice(
        (
            "go to the {target}",
            "find the {target}",
            "drive to the {target} and stop there",
            "head for the {target}",
            "navigate to the {target} without touching anything",
        )
    )
    unseen_phrases: Choice[str] = Choice(
        (
            "the {target} is what you are looking for",
            "look for the {target} and wait beside it",
            "please take yourself to the {target}",
            "search out the {target} and come to rest there",
            "I would like you to visit the {target}",
        )
    )


def rooms(spec: RoomsSpec, rng: np.random.Generator) -> World:
    """Sample a hallway whose targets are hidden from the start and whose named target can be reached.

    Raises:
        ValueError: If there are too few rooms, or too many to name.
    """
    counts = spec.rooms.draw(rng)  # sampled once, so that rejection doesn't favour few rooms
    if min(counts) < 0 or sum(counts) < 2 or max(counts) > len(ORDINALS):
        raise ValueError(f"there must be two or more rooms, at most {len(ORDINALS)} on a side, not {list(counts)}")
    return rejection_sample("rooms", lambda: _draw(spec, rng, counts))


def _draw(spec: RoomsSpec, rng: np.random.Generator, counts: tuple[int, int]) -> World | None:
    width, height = spec.hall_width.draw(rng), spec.height.draw(rng)
    length, near = max(counts) * spec.room_length.draw(rng), width / 2 + WALL_THICKNESS_M
    far = near + spec.room_depth.draw(rng)
    off_hall = [
        room
        for side, count in zip((1, -1), counts, strict=True)
        for room in sample_rooms_beside(rng, side, count, length, (near, far), spec.door_width, spec.door_margin)
    ]
    bounds = Bounds(0.0, -far if counts[1] else -width / 2, length, far if counts[0] else width / 2)
    targets = _targets(spec, rng, off_hall)
    within = zip(targets, off_hall, strict=True)
    task = sample_reach_task(
        rng, [target_region(item, spec.target_radius, f" in the {room.name}") for item, room in within], 45.0
    )
    floor, wall = spec.sample_surfaces(rng)
    building = build_hallway(rng, bounds, width, height, floor, wall, PAINTS[spec.paint.draw(rng)], off_hall)
    off = width / 2 - ROBOT_RADIUS_M - spec.clearance
    start = Pose2D(0.45, float(rng.uniform(-off, off)), spec.start_yaw.draw(rng))
    world = spec.assemble_world(rng, "rooms", (*building, *targets), start, task, bounds, spec.clearance)
    if any(is_visible_from_start(world, item) for item in targets):
        return None
    things = [one for n, room in enumerate(off_hall) for one in _furniture(spec, rng, f"{n}", room)]
    clear = np.array([(item.pose.x, item.pose.y) for item in targets])  # (t, 2)
    fitting = (one for one in things if ObstacleOutlines(world, [one]).clearance(clear).min() >= TARGET_GAP_M)
    return replace(world, items=(*world.items, *fitting))


def _targets(spec: RoomsSpec, rng: np.random.Generator, drawn: Sequence[Room]) -> list[Item]:
    """Place a target in every room, too far from inner walls to be reached through them."""
    alike = TARGET_KINDS[int(rng.integers(len(TARGET_KINDS)))]
    kinds = [alike] * len(drawn)
    if rng.uniform() >= spec.same_kind_probability:
        kinds = draw_distinct(rng, TARGET_KINDS, len(drawn))
    items = []
    for number, (kind, room) in enumerate(zip(kinds, drawn, strict=True)):
        (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
        x = float(rng.uniform(x_low + spec.target_radius, x_high - spec.target_radius))
        y = room.side * float(rng.uniform(y_low + spec.target_radius, y_high - OUTER_MARGIN_M))
        items.append(build_target_item(number, kind, Pose2D(x, y)))
    return items


def _furniture(spec: RoomsSpec, rng: np.random.Generator, name: str, room: Room) -> list[Item]:
    """Place furniture with its back to different walls of a room."""
    (x_low, x_high), (y_low, y_high) = room.x_m, room.y_m
    items = []
    for wall in draw_distinct(rng, ("far", "low", "high"), spec.furniture.draw(rng)):
        kind, colour = spec.kinds.draw(rng), OBSTACLE_COLOURS[int(rng.integers(len(OBSTACLE_COLOURS)))]
        shape = FURNITURE[kind](rng, named_rgba(colour))
        size = shape.hull.size_m[:2] if isinstance(shape.hull, Box) else (2 * shape.hull.radius_m,) * 2
        deep, broad = sorted(size)
        back = WALL_THICKNESS_M / 2 + 0.03 + deep / 2  # from the wall's middle line
        if wall == "far":
            x = float(rng.uniform(x_low + back + broad / 2, x_high - back - broad / 2))
            place = Pose2D(x, room.side * (y_high - back), -room.side * math.pi / 2)
        else:
            y = room.side * float(rng.uniform(y_low + 0.1 + broad / 2, y_high - CORNER_M - broad / 2))
            place = Pose2D(x_low + back, y) if wall == "low" else Pose2D(x_high - back, y, math.pi)
        if size[0] > size[1]:  # put its long side along the wall
            place = replace(place, yaw=place.yaw + math.pi / 2)
        items.append(build_item(f"{kind}-{name}-{wall}", colour, kind, shape, place))
    return items
