"""Inner walls with doors in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scenarios.building.shell import WALL_THICKNESS_M, build_cuboid
from scenarios.geometry import Point, Pose2D
from scenarios.world import RGBA, Item, Role

DOOR_HEIGHT_M = 2.0
FRAME_WIDTH_M = 0.07  # width of the frame's boards
FRAME_PROTRUSION_M = 0.012  # by which frame and skirting protrude from the wall
POST_OVERLAP_M = 0.002  # by which posts reach into the opening, so that the end of the wall is hidden

PAINTS: dict[str, RGBA] = {
    "ivory": (0.93, 0.90, 0.82, 1.0),
    "sky": (0.78, 0.85, 0.92, 1.0),
    "sage": (0.80, 0.88, 0.76, 1.0),
    "sand": (0.93, 0.82, 0.66, 1.0),
    "rose": (0.90, 0.78, 0.80, 1.0),
}
WOOD: RGBA = (0.46, 0.30, 0.18, 1.0)


class Door(NamedTuple):
    """An opening in a wall.

    Attributes:
        at_m: Position of its middle, measured from the start of the wall.
        width_m: Width of the opening.
    """

    at_m: float
    width_m: float


def build_wall_with_doors(
    name: str, a: Point, b: Point, doors: Sequence[Door], height: float, paint: RGBA, wood: RGBA
) -> list[Item]:
    """Build a painted wall from ``a`` to ``b`` (centre line), open at its doors.

    Its pieces, ``wall-<name>-<number>``, block a robot. Frames, lintels and skirting are plain decor, which is rendered
    but adds nothing to the physics.

    Args:
        doors: Doors in order from ``a``; they must not touch each other.
        height: Height of the wall, above ``DOOR_HEIGHT_M``.
        paint, wood: Colours of the wall, and of frames and skirting.
    """
    yaw = math.atan2(b[1] - a[1], b[0] - a[0])
    beginning = Pose2D(*a, yaw)

    def part(kind: str, role: Role, along: float, z: float, size: tuple[float, float, float], rgba: RGBA) -> Item:
        at = (*beginning.to_world((along, 0.0)).tolist(), z)
        return build_cuboid(kind, role, size, at, rgba, yaw=yaw)

    thick, above = WALL_THICKNESS_M + 2 * FRAME_PROTRUSION_M, height - DOOR_HEIGHT_M
    edges = [0.0, *(d.at_m + side * d.width_m / 2 for d in doors for side in (-1, 1)), math.dist(a, b)]
    items = []
    for n, (low, high) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
        middle, length = (low + high) / 2, high - low
        wall, foot = (length, WALL_THICKNESS_M, height), (length, thick, 0.10)
        items += [
            part(f"wall-{name}-{n}", "wall", middle, height / 2, wall, paint),
            part(f"skirting-{name}-{n}", "decor", middle, 0.05, foot, wood),
        ]
    for n, (at, width) in enumerate(doors):
        lintel, head = (width, WALL_THICKNESS_M, above), (width + 2 * FRAME_WIDTH_M, thick, FRAME_WIDTH_M)
        post, off = (FRAME_WIDTH_M, thick, DOOR_HEIGHT_M), (width + FRAME_WIDTH_M) / 2 - POST_OVERLAP_M
        items += [
            part(f"lintel-{name}-{n}", "decor", at, DOOR_HEIGHT_M + above / 2, lintel, paint),
            part(f"head-{name}-{n}", "decor", at, DOOR_HEIGHT_M + FRAME_WIDTH_M / 2, head, wood),
            part(f"post-{name}-{n}-a", "decor", at - off, DOOR_HEIGHT_M / 2, post, wood),
            part(f"post-{name}-{n}-b", "decor", at + off, DOOR_HEIGHT_M / 2, post, wood),
        ]
    return items
