"""The entries of ``getVisualShapeData``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pybullet

from envs.camera.view import Quaternion, Vector

RGBA = tuple[float, float, float, float]


class VisualShape(NamedTuple):
    """An entry of ``getVisualShapeData``."""

    body: int
    link: int
    number: int  # among the shapes of its link
    kind: int
    dimensions: Vector
    file: str
    position: Vector
    orientation: Quaternion
    rgba: RGBA
    has_texture: bool  # its material's, which PyBullet could read

    @property
    def is_limb(self) -> bool:
        """Whether it is a capsule or cylinder that is not moved or turned in its link, so MJCF may give its ends."""
        is_round = self.kind in (pybullet.GEOM_CAPSULE, pybullet.GEOM_CYLINDER)
        return is_round and not any((*self.position, *self.orientation[:3]))

    @property
    def is_visible(self) -> bool:
        """TinyRenderer omits what has an alpha of 0, and draws all else opaque."""
        return bool(np.float32(self.rgba[3]) != 0.0)


def number_shapes(data: Sequence[tuple[Any, ...]]) -> list[VisualShape]:
    """Return the entries of ``getVisualShapeData`` with their numbers among the shapes of their link."""
    counts: dict[int, int] = {}
    shapes: list[VisualShape] = []
    for body, link, kind, dimensions, file, position, orientation, rgba, texture in data:
        number = counts[link] = counts.get(link, -1) + 1
        path = os.fsdecode(file)
        shapes.append(
            VisualShape(body, link, number, kind, dimensions, path, position, orientation, rgba, texture >= 0)
        )
    return shapes
