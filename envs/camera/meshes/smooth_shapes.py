"""Spheres, cylinders and capsules that are finer than TinyRenderer's, for high-quality pictures."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from envs.camera.meshes.tessellation import Mesh

_SEGMENTS = (24, 32, 48)  # around, from the coarsest to the finest; multiples of 4
_FLATTENED_M = 0.001  # how far a segment may lie inside the true surface


def _segments(radius_m: float) -> int:
    """Return how many segments a circle needs to look round."""
    return next((n for n in _SEGMENTS if radius_m * (1.0 - np.cos(np.pi / n)) <= _FLATTENED_M), _SEGMENTS[-1])


def _revolve(profile: np.ndarray, segments: int) -> Mesh:
    """Make a solid of revolution about z.

    Args:
        profile: (k, 4) radius, height, and the outward normal's radial and axial components, from bottom to top;
            two rows at the same place make a sharp edge.
        segments: Number of segments around the axis.
    """
    angles = np.linspace(0.0, 2.0 * np.pi, segments + 1)
    around = np.stack([np.cos(angles), np.sin(angles)], 1)  # (s + 1, 2)
    radius, height, radial, axial = (profile[:, None, column] for column in range(4))
    shape = (len(profile), len(angles))
    positions = np.concatenate([radius[..., None] * around, np.broadcast_to(height, shape)[..., None]], -1)
    normals = np.concatenate([radial[..., None] * around, np.broadcast_to(axial, shape)[..., None]], -1)
    directions = positions / np.maximum(np.linalg.norm(positions, axis=-1, keepdims=True), 1e-9)
    u = np.arctan2(directions[..., 0], directions[..., 2]) / (2.0 * np.pi) + 0.5
    uvs = np.stack([u, directions[..., 1] * 0.5 + 0.5], -1)
    row, column = np.meshgrid(np.arange(shape[0] - 1), np.arange(segments), indexing="ij")
    corner = (row * shape[1] + column).ravel()
    above = corner + shape[1]
    triangles = np.concatenate([np.stack([corner, corner + 1, above], 1), np.stack([corner + 1, above + 1, above], 1)])
    return Mesh(
        positions.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        uvs.reshape(-1, 2).astype(np.float32),
        triangles.astype(np.int32),
        flat=False,
    )


def fine_sphere(radius_m: float) -> Mesh:
    """Make a sphere of radius 1, to be scaled to this radius."""
    return _unit_sphere(_segments(radius_m))


@lru_cache(maxsize=len(_SEGMENTS))
def _unit_sphere(segments: int) -> Mesh:
    angles = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    return _revolve(np.stack([np.cos(angles), np.sin(angles), np.cos(angles), np.sin(angles)], 1), segments)


@lru_cache(maxsize=256)
def fine_cylinder(length_m: float, radius_m: float) -> Mesh:
    """Make a cylinder about z with sharp rims."""
    r, h = radius_m, length_m / 2
    profile = np.array([(0, -h, 0, -1), (r, -h, 0, -1), (r, -h, 1, 0), (r, h, 1, 0), (r, h, 0, 1), (0, h, 0, 1)])
    return _revolve(profile, _segments(radius_m))


@lru_cache(maxsize=256)
def fine_capsule(length_m: float, radius_m: float) -> Mesh:
    """Make a cylinder about z with half spheres at its ends; ``length_m`` excludes the half spheres."""
    segments = _segments(radius_m)
    angles = np.linspace(0.0, np.pi / 2, segments // 4 + 1)
    top = np.stack(
        [radius_m * np.cos(angles), length_m / 2 + radius_m * np.sin(angles), np.cos(angles), np.sin(angles)], 1
    )
    bottom = top[::-1] * np.array([1, -1, 1, -1])
    return _revolve(np.concatenate([bottom, top]), segments)


def place_between(mesh: Mesh, first: tuple[float, float, float], second: tuple[float, float, float]) -> Mesh:
    """Move a shape about z, which reaches as far up as down, to where its axis goes from one point to another."""
    start, end = np.array(first), np.array(second)
    up = (end - start) / np.linalg.norm(end - start)
    side = np.cross(up, (1.0, 0.0, 0.0) if abs(up[0]) < 0.9 else (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side)
    turn = np.array([side, np.cross(up, side), up])  # (3, 3), for row vectors
    positions = mesh.positions @ turn + (start + end) / 2.0
    return replace(mesh, positions=positions.astype(np.float32), normals=(mesh.normals @ turn).astype(np.float32))
