"""Floors, walls, ceilings and boxes in looks and tints that no scenario draws."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np

from scenarios.building.textures import FLOOR_LOOKS, WALL_LOOKS
from scenarios.perturbations.axis import PerturbationAxis
from scenarios.world import RGBA, Box, Item, World

TINT = (0.0, 0.25, 0.45, 0.65)  # how much of the complementary colour a surface loses, by level
LOOKS_FROM = 2  # from this level on floors wear looks of walls, and walls those of floors
EVERYTHING_FROM = 3  # from this level on ceilings and boxes are changed too

UNUSUAL = {"floor": WALL_LOOKS, "wall": FLOOR_LOOKS, "ceiling": FLOOR_LOOKS}
# Looks without a colour of their own, so that a blue box stays a blue box.
NEUTRAL_LOOKS = ("floor/tiles", "floor/checker", "floor/concrete", "wall/plaster", "wall/panels")

SurfaceLook = tuple[RGBA, str | None]


def _textures(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    surfaces: dict[tuple[str, RGBA, str | None], SurfaceLook] = {}  # what was alike stays alike
    dressed: dict[str, SurfaceLook] = {}
    for item in base.items:
        if item.role in UNUSUAL:
            key = (item.role, item.rgba, item.texture)
            if key not in surfaces:
                surfaces[key] = _surface(item, level, rng)
            dressed[item.name] = surfaces[key]
        elif item.role == "obstacle" and isinstance(item.shape, Box):
            look = NEUTRAL_LOOKS[int(rng.integers(len(NEUTRAL_LOOKS)))]
            dressed[item.name] = (item.rgba, look if level >= EVERYTHING_FROM else item.texture)
    items = tuple(
        replace(item, rgba=dressed[item.name][0], texture=dressed[item.name][1]) if item.name in dressed else item
        for item in world.items
    )
    return replace(world, items=items)


def _surface(item: Item, level: int, rng: np.random.Generator) -> SurfaceLook:
    """A new tint and look of one kind of surface; draws as much at every level."""
    pure = colorsys.hsv_to_rgb(rng.random(), 1.0, 1.0)
    looks = UNUSUAL[item.role]
    look = looks[int(rng.integers(len(looks)))]
    if item.role == "ceiling" and level < EVERYTHING_FROM:
        return item.rgba, item.texture
    red, green, blue = (own * (1.0 - TINT[level] * (1.0 - part)) for own, part in zip(item.rgba, pure, strict=False))
    return (red, green, blue, item.rgba[3]), look if level >= LOOKS_FROM else item.texture


AXIS = PerturbationAxis(
    "textures",
    "looks and tints of floors, walls and boxes that no scenario draws",
    (
        f"floor and walls tinted by {TINT[1]:.0%}",
        f"floor and walls tinted by {TINT[2]:.0%}, floors in looks of walls and walls in those of floors",
        f"the same, tinted by {TINT[3]:.0%}, and the ceiling too; boxes in looks of floors and walls",
    ),
    _textures,
)
