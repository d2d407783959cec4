"""Textures: floors, walls, ceilings and boxes with textures and tints that no scenario samples."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np

from scenarios.building.textures import FLOOR_LOOKS, WALL_LOOKS
from scenarios.perturbations.axis import PerturbationAxis
from scenarios.world import RGBA, Box, Item, World

TINT = (0.0, 0.25, 0.45, 0.65)  # how much of the complementary colour a surface loses, by level
LOOKS_FROM = 2  # from this level on, floors have wall textures and walls have floor textures
EVERYTHING_FROM = 3  # from this level on, ceilings and boxes change too

UNUSUAL = {"floor": WALL_LOOKS, "wall": FLOOR_LOOKS, "ceiling": FLOOR_LOOKS}
# Textures without a colour of their own, so that a blue box stays blue.
NEUTRAL_LOOKS = ("floor/tiles", "floor/checker", "floor/concrete", "wall/plaster", "wall/panels")

SurfaceLook = tuple[RGBA, str | None]


def _textures(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    surfaces: dict[tuple[str, RGBA, str | None], SurfaceLook] = {}  # surfaces that were equal stay equal
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
    """Sample a tint and texture for one kind of surface; the number of draws is the same at every level."""
    pure = colorsys.hsv_to_rgb(rng.random(), 1.0, 1.0)
    looks = UNUSUAL[item.role]
    look = looks[int(rng.integers(len(looks)))]
    if item.role == "ceiling" and level < EVERYTHING_FROM:
        return item.rgba, item.texture
    red, green, blue = (own * (1.0 - TINT[level] * (1.0 - part)) for own, part in zip(item.rgba, pure, strict=False))
    return (red, green, blue, item.rgba[3]), look if level >= LOOKS_FROM else item.texture


AXIS = PerturbationAxis(
    "textures",
    "textures and tints of floors, walls and boxes that no scenario samples",
    (
        f"floor and walls tinted by {TINT[1]:.0%}",
        f"floor and walls tinted by {TINT[2]:.0%}, wall textures on floors and floor textures on walls",
        f"the same, tinted by {TINT[3]:.0%}, ceiling included; floor and wall textures on boxes",
    ),
    _textures,
)
