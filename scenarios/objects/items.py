"""Items: a shape with a name, a colour and a place on the floor."""

from __future__ import annotations

from scenarios.geometry import Pose2D
from scenarios.objects.colours import named_rgba
from scenarios.world import Box, Item, Role, Shape


def build_item(
    name: str, colour: str, kind: str, shape: Shape, pose: Pose2D, role: Role = "obstacle", texture: str | None = None
) -> Item:
    """Build an item on the floor, labelled with its colour and kind, e.g. "blue chair"."""
    return Item(name, f"{colour} {kind}", shape, pose, shape.height_m / 2, named_rgba(colour), role, texture)


def build_box_item(number: int, colour: str, size: tuple[float, float, float], pose: Pose2D) -> Item:
    """Build a box with these edge lengths in metres, labelled e.g. "blue box"."""
    return build_item(f"box-{number}", colour, "box", Box(size), pose, texture="box/crate")
