"""Things as they stand about: a shape with a name, a colour and a place on the floor."""

from __future__ import annotations

from scenarios.objects.colours import rgba
from scenarios.world import Box, Item, Pose2, Role, Shape


def thing(
    name: str, colour: str, kind: str, shape: Shape, pose: Pose2, role: Role = "obstacle", texture: str | None = None
) -> Item:
    """Something that stands on the floor and is called by its colour and kind, e.g. "blue chair"."""
    return Item(name, f"{colour} {kind}", shape, pose, shape.height_m / 2, rgba(colour), role, texture)


def carton(number: int, colour: str, size: tuple[float, float, float], pose: Pose2) -> Item:
    """A box, such as "blue box", by its edges in metres."""
    return thing(f"box-{number}", colour, "box", Box(size), pose, texture="box/crate")
