"""Floors, walls, ceilings and lamps: the shell of every building."""

from __future__ import annotations

import numpy as np

from scenarios.geometry import Bounds, Pose2D
from scenarios.ranges import Range
from scenarios.world import RGBA, Box, Item, Light, Role

WALL_THICKNESS_M = 0.12
CEILING_RGBA: RGBA = (0.93, 0.93, 0.91, 1.0)
LAMP_RGBA: RGBA = (1.0, 1.0, 0.97, 1.0)

Surface = tuple[str, RGBA]
"""Texture and tint of a floor, or of walls."""


def build_cuboid(
    name: str,
    role: Role,
    size: tuple[float, float, float],
    at: tuple[float, float, float],
    rgba: RGBA,
    texture: str | None = None,
    yaw: float = 0.0,
) -> Item:
    """Build a cuboid as a part of the building, labelled with its name up to the first hyphen."""
    return Item(name, name.split("-")[0], Box(size), Pose2D(at[0], at[1], yaw), at[2], rgba, role, texture)


def build_shell(
    bounds_m: Bounds,
    height: float,
    floor: Surface,
    wall: Surface,
) -> list[Item]:
    """Build floor, ceiling and four outer walls around a rectangle.

    Args:
        bounds_m: The area inside the walls.
        height: Height of the room, metres.
        floor, wall: Texture and tint of each.
    """
    x_min, y_min, x_max, y_max = bounds_m
    length, width, t = bounds_m.length, bounds_m.width, WALL_THICKNESS_M
    x, y = bounds_m.middle
    ground = (length + 2 * t, width + 2 * t, 0.1)
    across = (t, width + 2 * t, height)
    return [
        build_cuboid("floor", "floor", ground, (x, y, -0.05), floor[1], floor[0]),
        build_cuboid("ceiling", "ceiling", ground, (x, y, height + 0.05), CEILING_RGBA),
        build_cuboid("wall-left", "wall", (length, t, height), (x, y_max + t / 2, height / 2), wall[1], wall[0]),
        build_cuboid("wall-right", "wall", (length, t, height), (x, y_min - t / 2, height / 2), wall[1], wall[0]),
        build_cuboid("wall-end", "wall", across, (x_max + t / 2, y, height / 2), wall[1], wall[0]),
        build_cuboid("wall-start", "wall", across, (x_min - t / 2, y, height / 2), wall[1], wall[0]),
    ]


def build_lamps(xs: np.ndarray, height: float, y: float = 0.0, name: str = "lamp") -> list[Item]:
    """Build a row of lamps under the ceiling."""
    return [
        build_cuboid(f"{name}-{number}", "decor", (0.9, 0.25, 0.04), (float(x), y, height - 0.02), LAMP_RGBA)
        for number, x in enumerate(xs)
    ]


def sample_light(ambient: Range, diffuse: Range, rng: np.random.Generator) -> Light:
    """Sample a light that shines from above."""
    direction = (float(rng.uniform(-0.6, 0.6)), float(rng.uniform(-0.6, 0.6)), 1.0)
    return Light(direction, ambient=ambient.draw(rng), diffuse=diffuse.draw(rng))
