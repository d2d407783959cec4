"""Furniture, people and other items, each built from a few primitives.

All are upright, centred on their hull, and face +x: a chair's back is at -x, a cup's handle at -y. Lengths in metres.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scenarios.objects.colours import named_rgba, scale_brightness
from scenarios.world import RGBA, Box, Compound, CompoundPart, Cone, Cylinder, Primitive, Sphere

WOOD: RGBA = (0.62, 0.42, 0.24, 1.0)
METAL: RGBA = (0.66, 0.68, 0.70, 1.0)
RUBBER: RGBA = (0.13, 0.13, 0.14, 1.0)
CARDBOARD: RGBA = (0.72, 0.55, 0.36, 1.0)
LEAF: RGBA = (0.20, 0.50, 0.18, 1.0)
SOIL: RGBA = (0.22, 0.15, 0.10, 1.0)
SKIN: RGBA = (0.86, 0.66, 0.52, 1.0)
HAIR: RGBA = (0.22, 0.15, 0.10, 1.0)
DENIM: RGBA = (0.24, 0.28, 0.38, 1.0)
SIGNAL: RGBA = named_rgba("orange")
PAINT: RGBA = (0.95, 0.95, 0.93, 1.0)

CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))

PlacedPart = tuple[Primitive, float, float, float, RGBA]  # shape, x, y, height of its underside, colour


def _compound(hull: Box | Cylinder, *placed: PlacedPart) -> Compound:
    """Convert parts placed on the floor to a compound with offsets from its centre."""
    return Compound(
        tuple(
            CompoundPart(shape, (x, y, bottom + shape.height_m / 2 - hull.height_m / 2), colour)
            for shape, x, y, bottom, colour in placed
        ),
        hull,
    )


def _legs(x: float, y: float, edge: float, height: float, colour: RGBA) -> tuple[PlacedPart, ...]:
    """Return four square legs around the centre."""
    return tuple((Box((edge, edge, height)), sx * x, sy * y, 0.0, colour) for sx, sy in CORNERS)


def _wheels(x: float, y: float, radius: float) -> tuple[PlacedPart, ...]:
    return tuple((Sphere(radius), sx * x, sy * y, 0.0, RUBBER) for sx, sy in CORNERS)


def build_cup(colour: RGBA, radius: float = 0.13, height: float = 0.32) -> Compound:
    """Build a cup with a pale rim and a handle, large enough to be recognised from a distance."""
    reach, bar = 0.5 * radius, 0.22 * radius  # of the handle: protrusion and thickness
    y = reach / 2  # of the body, so that body and handle together are centred
    grip = -y - radius + bar / 2
    joint = Box((bar, reach + 0.2 * radius, bar))
    return _compound(
        Cylinder(radius + reach / 2, height),  # encloses body and handle at any yaw
        (Cylinder(0.80 * radius, 0.12 * height), 0.0, y, 0.0, scale_brightness(colour, 0.8)),
        (Cylinder(0.88 * radius, 0.38 * height), 0.0, y, 0.12 * height, colour),
        (Cylinder(0.95 * radius, 0.42 * height), 0.0, y, 0.50 * height, colour),
        (Cylinder(radius, 0.08 * height - 0.005), 0.0, y, 0.92 * height, PAINT),
        (Cylinder(0.85 * radius, 0.01), 0.0, y, height - 0.01, SOIL),
        (joint, 0.0, grip - bar / 2 + joint.size_m[1] / 2, 0.72 * height, colour),
        (joint, 0.0, grip - bar / 2 + joint.size_m[1] / 2, 0.22 * height, colour),
        (Box((bar, bar, 0.50 * height + bar)), 0.0, grip, 0.22 * height, colour),
    )


def build_chair(colour: RGBA, width: float = 0.44, height: float = 0.86) -> Compound:
    """Build a wooden chair with coloured seat and back."""
    leg, seat = 0.045, 0.52 * height
    edge, back = width / 2 - leg / 2, height - seat - 0.05
    return _compound(
        Box((width, width, height)),
        *_legs(edge, edge, leg, seat, WOOD),
        (Box((width, width, 0.05)), 0.0, 0.0, seat, colour),
        *((Box((leg, leg, back)), -edge, side * edge, seat + 0.05, WOOD) for side in (1, -1)),
        (Box((0.03, width - 2 * leg, 0.55 * back)), -edge, 0.0, height - 0.6 * back, colour),
    )


def build_table(colour: RGBA = WOOD, length: float = 1.0, width: float = 0.65, height: float = 0.72) -> Compound:
    """Build a table, its long side along x."""
    leg, top = 0.06, 0.04
    x, y = length / 2 - leg, width / 2 - leg
    return _compound(
        Box((length, width, height)),
        *_legs(x, y, leg, height - top, scale_brightness(colour, 0.75)),
        (Box((2 * x, 2 * y, 0.08)), 0.0, 0.0, height - top - 0.08, scale_brightness(colour, 0.75)),
        (Box((length, width, top)), 0.0, 0.0, height - top, colour),
    )


def build_crate(colour: RGBA = WOOD, length: float = 0.5, width: float = 0.4, height: float = 0.4) -> Compound:
    """Build a crate: boards of a darker shade behind posts and rims."""
    board, inset = 0.06, 0.015
    x, y = length / 2 - board / 2, width / 2 - board / 2
    rim = Box((length - 2 * inset / 3, width - 2 * inset / 3, board))
    return _compound(
        Box((length, width, height)),
        (Box((length - 2 * inset, width - 2 * inset, height - inset)), 0.0, 0.0, 0.0, scale_brightness(colour, 0.6)),
        (rim, 0.0, 0.0, inset / 3, scale_brightness(colour, 0.9)),
        (rim, 0.0, 0.0, height - board - inset / 3, scale_brightness(colour, 0.9)),
        *_legs(x, y, board, height, colour),
    )


def build_plant(pot: RGBA, radius: float = 0.22, height: float = 1.1) -> Compound:
    """Build a bushy plant in a coloured pot."""
    top = min(0.32, 0.35 * height)  # of the pot
    bush, spread = 0.55 * radius, 0.45 * radius
    crown = height - top
    high = 1.0 - bush / crown  # the highest leaves end at the top of the hull
    leaves = (
        (0.45, 1.0, 0.0, 1.0),
        (0.45, -0.6, 0.8, 0.8),
        (0.45, -0.6, -0.8, 1.15),
        (high, -0.9, 0.0, 1.0),
        (high, 0.5, 0.8, 1.2),
        (high, 0.5, -0.8, 0.85),
    )
    return _compound(
        Cylinder(radius, height),
        (Cylinder(0.58 * radius, 0.8 * top), 0.0, 0.0, 0.0, pot),
        (Cylinder(0.68 * radius, 0.2 * top), 0.0, 0.0, 0.8 * top, scale_brightness(pot, 1.15)),
        (Cylinder(0.60 * radius, 0.01), 0.0, 0.0, top, SOIL),
        (Cylinder(0.02, 0.7 * crown), 0.0, 0.0, top, WOOD),
        *(
            (Sphere(bush), spread * x, spread * y, top + up * crown - bush, scale_brightness(LEAF, bright))
            for up, x, y, bright in leaves
        ),
        (Sphere(bush), 0.0, 0.0, height - 2 * bush, scale_brightness(LEAF, 1.1)),
    )


def build_person(
    shirt: RGBA,
    trousers: RGBA = DENIM,
    height: float = 1.72,
    skin: RGBA = SKIN,
    hair: RGBA = HAIR,
    stride: float = 0.09,
) -> Compound:
    """Build a person facing +x.

    Args:
        stride: Distance of one foot ahead of the middle and of the other behind it; 0 for standing.
    """
    unit = height / 1.72
    hip, shoulder, head = 0.82 * unit, 1.42 * unit, 0.115 * unit
    leg, arm, half = 0.075 * unit, 0.05 * unit, 0.10 * unit
    foot = Box((0.22 * unit, 0.09 * unit, 0.07 * unit))
    step = min(stride, 0.09) * unit  # longer steps would leave the hull
    limbs: list[PlacedPart] = []
    for side in (1, -1):
        ahead, y = side * step, side * (half + 0.10 * unit)  # arms swing against legs
        limbs += [
            (foot, ahead + 0.01 * unit, side * half, 0.0, RUBBER),
            (Cylinder(leg, hip / 2), ahead, side * half, 0.05 * unit, trousers),
            (Cylinder(1.1 * leg, hip / 2), ahead / 2, side * half, 0.5 * hip, trousers),
            (Cylinder(arm, 0.58 * unit), -ahead / 2, y, shoulder - 0.58 * unit, scale_brightness(shirt, 0.85)),
            (Sphere(0.055 * unit), -ahead / 2, y, shoulder - 0.68 * unit, skin),
        ]
    return _compound(
        Cylinder(0.26 * unit, height),
        *limbs,
        (Box((0.22 * unit, 0.36 * unit, shoulder - hip)), 0.0, 0.0, hip, shirt),
        (Cylinder(0.05 * unit, 0.10 * unit), 0.0, 0.0, shoulder, skin),
        (Sphere(head), 0.0, 0.0, height - 2 * head - 0.03 * unit, skin),
        (Sphere(head), -0.025 * unit, 0.0, height - 2 * head, hair),
    )


def build_traffic_cone(colour: RGBA = SIGNAL, radius: float = 0.16, height: float = 0.5) -> Compound:
    """Build a traffic cone with a white stripe on a square foot."""
    foot, skin = 0.04, 0.004  # the stripe and the tip are cones around the cone, each wider by ``skin``
    tall, wide = height - foot, 0.85 * radius

    def above(share: float, wider: float, paint: RGBA) -> PlacedPart:
        return (
            Cone((1 - share) * wide + wider, (1 - share) * tall),
            0.0,
            0.0,
            foot + share * tall,
            paint,
        )

    return _compound(
        Box((2 * radius, 2 * radius, height)),
        (Box((2 * radius, 2 * radius, foot)), 0.0, 0.0, 0.0, scale_brightness(colour, 0.7)),
        above(0.0, 0.0, colour),
        above(0.35, skin, PAINT),
        above(0.65, 2 * skin, colour),
    )


def build_waste_bin(colour: RGBA, radius: float = 0.22, height: float = 0.65) -> Compound:
    """Build a round waste bin with a lid."""
    return _compound(
        Cylinder(radius, height),
        (Cylinder(0.88 * radius, 0.05), 0.0, 0.0, 0.0, RUBBER),
        (Cylinder(0.93 * radius, 0.80 * height), 0.0, 0.0, 0.04, colour),
        (Cylinder(radius, 0.06 * height), 0.0, 0.0, 0.80 * height, METAL),
        (Cylinder(0.90 * radius, 0.10 * height), 0.0, 0.0, 0.86 * height, scale_brightness(colour, 0.7)),
        (Cylinder(0.25 * radius, 0.04 * height), 0.0, 0.0, 0.96 * height, METAL),
    )


def build_suitcase(colour: RGBA, width: float = 0.42, height: float = 0.95) -> Compound:
    """Build a suitcase on four wheels, its handle pulled out."""
    depth, wheel, body = 0.26, 0.03, 0.68 * height
    grip = 0.42 * width
    return _compound(
        Box((depth, width, height)),
        *_wheels(depth / 2 - wheel, width / 2 - 2 * wheel, wheel),
        (Box((depth - 0.02, width, body)), 0.0, 0.0, wheel, colour),
        *(
            (Box((depth, 0.03, body + 0.01)), 0.0, y * width, wheel, scale_brightness(colour, 0.7))
            for y in (-0.3, 0.0, 0.3)
        ),
        *((Box((0.02, 0.02, height - body - wheel)), -0.06, s * grip / 2, body + wheel, METAL) for s in (1, -1)),
        (Box((0.04, grip + 0.02, 0.03)), -0.06, 0.0, height - 0.03, RUBBER),
    )


def build_trolley(colour: RGBA, length: float = 0.75, width: float = 0.5, height: float = 0.9) -> Compound:
    """Build a serving trolley with two shelves between its posts."""
    post, wheel, tray = 0.03, 0.05, 0.04
    x, y = length / 2 - post / 2, width / 2 - post / 2
    return _compound(
        Box((length, width, height)),
        *_wheels(length / 2 - wheel, width / 2 - wheel, wheel),
        *((Box((post, post, height - wheel - post)), sx * x, sy * y, wheel, METAL) for sx, sy in CORNERS),
        *((Box((length - 0.01, width - 0.01, tray)), 0.0, 0.0, share * height, colour) for share in (0.18, 0.75)),
        (Box((post, width, post)), -x, 0.0, height - post, RUBBER),
    )


def build_shelf(colour: RGBA = WOOD, depth: float = 0.35, width: float = 0.9, height: float = 1.5) -> Compound:
    """Build a shelf of four boards, open to +x, with items on it."""
    board = 0.03
    rise = (height - board) / 3
    books = ("blue", "red", "green")
    return _compound(
        Box((depth, width, height)),
        *(
            (Box((depth, board, height)), 0.0, s * (width - board) / 2, 0.0, scale_brightness(colour, 0.85))
            for s in (1, -1)
        ),
        *((Box((depth - board, width - 2 * board, board)), board / 2, 0.0, level * rise, colour) for level in range(4)),
        (Box((board, width - 2 * board, height)), -(depth - board) / 2, 0.0, 0.0, scale_brightness(colour, 0.7)),
        *(
            (Box((0.5 * depth, 0.3 * width, 0.6 * rise)), 0.0, s * 0.2 * width, level * rise + board, named_rgba(book))
            for level, (book, s) in enumerate(zip(books, (1, -1, 1), strict=True))
        ),
    )


def build_sofa(colour: RGBA, width: float = 1.5, depth: float = 0.75, height: float = 0.75) -> Compound:
    """Build a sofa with two cushions."""
    arm, seat = 0.18, 0.52 * height
    inner = (width - 2 * arm) / 2
    return _compound(
        Box((depth, width, height)),
        (Box((depth - 0.01, width - 0.01, 0.6 * seat)), 0.0, 0.0, 0.0, scale_brightness(colour, 0.75)),
        (Box((0.2, width, height)), 0.1 - depth / 2, 0.0, 0.0, scale_brightness(colour, 0.9)),
        *(
            (Box((depth, arm, 0.75 * height)), 0.0, s * (width - arm) / 2, 0.0, scale_brightness(colour, 0.9))
            for s in (1, -1)
        ),
        *(
            (
                Box((depth - 0.22, inner - 0.02, 0.4 * seat)),
                0.1,
                s * inner / 2,
                0.6 * seat,
                scale_brightness(colour, 1.15),
            )
            for s in (1, -1)
        ),
    )


# Furniture of halls and rooms: (rng, colour) -> a shape of realistic size.
FURNITURE: dict[str, Callable[[np.random.Generator, RGBA], Compound]] = {
    "chair": lambda rng, colour: build_chair(colour, rng.uniform(0.40, 0.50), rng.uniform(0.78, 0.95)),
    "table": lambda rng, colour: build_table(
        colour, rng.uniform(0.70, 1.20), rng.uniform(0.55, 0.75), rng.uniform(0.6, 0.76)
    ),
    "crate": lambda rng, colour: build_crate(colour, *(rng.uniform(0.30, 0.60, size=3).tolist())),
    "plant": lambda rng, colour: build_plant(colour, rng.uniform(0.18, 0.28), rng.uniform(0.70, 1.40)),
    "traffic cone": lambda rng, colour: build_traffic_cone(colour, rng.uniform(0.14, 0.20), rng.uniform(0.40, 0.65)),
    "bin": lambda rng, colour: build_waste_bin(colour, rng.uniform(0.17, 0.26), rng.uniform(0.45, 0.80)),
    "suitcase": lambda rng, colour: build_suitcase(colour, rng.uniform(0.36, 0.50), rng.uniform(0.80, 1.05)),
    "trolley": lambda rng, colour: build_trolley(colour, rng.uniform(0.60, 0.90), rng.uniform(0.40, 0.55)),
    "shelf": lambda rng, colour: build_shelf(
        colour, rng.uniform(0.28, 0.40), rng.uniform(0.70, 1.10), rng.uniform(1.1, 1.8)
    ),
    "sofa": lambda rng, colour: build_sofa(colour, rng.uniform(1.20, 1.70)),
}
