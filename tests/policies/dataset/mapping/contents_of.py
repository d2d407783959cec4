"""Contents of imagined data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from policies.dataset.mapping.contents import CameraFeature, DatasetContents, VectorFeature

NAMES = ("vx", "vy", "wz")
STATES = (*NAMES, "x", "y", "yaw")


def describe(
    cameras: tuple[str, ...] = ("front",),
    action: tuple[str, ...] | int = NAMES,
    state: tuple[str, ...] | int | None = STATES,
    root: Path = Path("set"),
    **more: Any,
) -> DatasetContents:
    """A set with these cameras ("depth" is depth) and columns; a number stands for as many without names."""
    vectors = [vector("action", action)] + ([] if state is None else [vector("observation.state", state)])
    found = tuple(CameraFeature(name, (48, 64), name == "depth") for name in cameras)
    return DatasetContents(root=root, rate=10.0, cameras=found, vectors=tuple(vectors), **more)


def vector(name: str, columns: tuple[str, ...] | int) -> VectorFeature:
    if isinstance(columns, int):
        return VectorFeature(name, columns)
    return VectorFeature(name, len(columns), columns)
