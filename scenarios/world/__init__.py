"""Data classes of a world: frozen, concrete numbers only. Metres, radians, kilograms, seconds.

The frame is right-handed: +x ahead of the usual start, +y left, +z up; yaw counts from +x to +y.
"""

from scenarios.world.conditions import Actuation, CameraOffset, Conditions, ImageCorruption, Light
from scenarios.world.items import Item, Role, footprint_radius
from scenarios.world.movers import MovingItem, Route
from scenarios.world.shapes import (
    RGBA,
    Box,
    Compound,
    CompoundPart,
    Cone,
    Cylinder,
    Primitive,
    Shape,
    Sphere,
    hull_shape,
)
from scenarios.world.task import PassingSide, Target, Task
from scenarios.world.world import PhraseKind, World

__all__ = [
    "RGBA",
    "Actuation",
    "Box",
    "CameraOffset",
    "Compound",
    "CompoundPart",
    "Conditions",
    "Cone",
    "Cylinder",
    "ImageCorruption",
    "Item",
    "Light",
    "MovingItem",
    "PassingSide",
    "PhraseKind",
    "Primitive",
    "Role",
    "Route",
    "Shape",
    "Sphere",
    "Target",
    "Task",
    "World",
    "footprint_radius",
    "hull_shape",
]
