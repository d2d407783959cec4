"""Triangle meshes of PyBullet's visual shapes, tessellated as in TinyRenderer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scenarios.common.errors import InputError


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh."""

    positions: np.ndarray
    """(n, 3) float32."""
    normals: np.ndarray
    """(n, 3) float32, unit vectors."""
    uvs: np.ndarray
    """(n, 2) float32, texture coordinates."""
    triangles: np.ndarray
    """(m, 3) int32, indices of vertices, counter-clockwise seen from outside."""
    flat: bool
    """True if the three corners of every triangle have the same normal."""
    texture: str | None = None
    """Path of the image file that belongs to the mesh, or None."""


# Per face of the cube: its normal, its corners, and their places in the texture. Bullet unfolds the cube onto a quarter
# grid of the image (``cube_vertices_textured`` in bullet3's ShapeData.h), so that each face shows 1/16 of it.
_BOX_FACES = (
    ((0, 0, 1), "--+ +-+ +++ -++", ((0.75, 0.25), (1, 0.25), (1, 0), (0.75, 0)), False),
    ((0, 0, -1), "--- +-- ++- -+-", ((0.5, 0.25), (0.25, 0.25), (0.25, 0), (0.5, 0)), True),
    ((-1, 0, 0), "--- -+- -++ --+", ((0.5, 0), (0.75, 0), (0.75, 0.25), (0.5, 0.25)), True),
    ((1, 0, 0), "+-- ++- +++ +-+", ((0.25, 0.5), (0.25, 0.25), (0, 0.25), (0, 0.5)), False),
    ((0, -1, 0), "--- --+ +-+ +--", ((0.25, 0.5), (0.25, 0.25), (0.5, 0.25), (0.5, 0.5)), True),
    ((0, 1, 0), "-+- -++ +++ ++-", ((0, 0), (0, 0.25), (0.25, 0.25), (0.25, 0)), False),
)


@lru_cache(maxsize=1)
def box_mesh() -> Mesh:
    """Make a cube of half-extent 1, to be scaled by half-extents."""
    positions: list[tuple[int, ...]] = []
    normals: list[tuple[int, ...]] = []
    uvs: list[tuple[float, ...]] = []
    triangles: list[list[int]] = []
    for number, (normal, corners, places, clockwise) in enumerate(_BOX_FACES):
        positions += [tuple(1 if sign == "+" else -1 for sign in corner) for corner in corners.split()]
        normals += [normal] * 4
        uvs += places
        for triangle in ((2, 1, 0), (3, 2, 0)) if clockwise else ((0, 1, 2), (0, 2, 3)):
            triangles.append([4 * number + corner for corner in triangle])
    return Mesh(
        np.array(positions, np.float32),
        np.array(normals, np.float32),
        np.array(uvs, np.float32),
        np.array(triangles, np.int32),
        flat=True,
    )


@lru_cache(maxsize=64)
def plane_mesh(normal: tuple[float, float, float] = (0.0, 0.0, 1.0)) -> Mesh | None:
    """Make the 256 m square that TinyRenderer draws for an infinite plane; its texture repeats every 2 m.

    TinyRenderer draws a tilted plane level, seen from where its normal comes from; nothing of an upright one (None).
    """
    first, second = _plane_axes(*normal)
    signs = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    corners = np.zeros((4, 3), np.float32)
    corners[:, :2] = 128.0 * signs @ np.array([first[:2], second[:2]])
    if abs(first[0] * second[1] - first[1] * second[0]) < 1e-9:
        return None
    uvs = np.array([(128, 128), (0, 128), (0, 0), (128, 0)], np.float32)
    up = np.tile(np.array([0, 0, 1], np.float32), (4, 1))
    return Mesh(corners, up, uvs, np.array([(0, 1, 2), (0, 2, 3)], np.int32), flat=True)


def _plane_axes(x: float, y: float, z: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the two directions along a plane that Bullet's ``btPlaneSpace1`` chooses."""
    if abs(z) > np.sqrt(0.5):
        square = y * y + z * z
        k = 1.0 / np.sqrt(square)
        return (0.0, -z * k, y * k), (square * k, -x * y * k, x * -z * k)
    square = x * x + y * y
    k = 1.0 / np.sqrt(square)
    return (-y * k, x * k, 0.0), (-z * x * k, z * -y * k, square * k)


def _icosphere() -> np.ndarray:
    """Return the 42 directions in which Bullet samples a convex shape, (42, 3).

    They are the vertices and edge centres of an icosahedron, the same set as ``btShapeHull::getUnitSpherePoints`` in
    another order, which matters only for ties.
    """
    ring = np.arange(5) * 0.4 * np.pi
    low, high = np.sqrt(0.8), np.sqrt(0.2)
    upper = np.stack([low * np.cos(ring), low * np.sin(ring), np.full(5, high)], 1)
    lower = np.stack([-upper[:, 0], -upper[:, 1], -upper[:, 2]], 1)
    corners = np.concatenate([[(0.0, 0.0, -1.0)], lower, upper, [(0.0, 0.0, 1.0)]])
    edge = 2.0 * np.sin(0.5 * np.arctan(2.0))
    middles = [
        (a + b) / np.linalg.norm(a + b)
        for i, a in enumerate(corners)
        for b in corners[i + 1 :]
        if np.linalg.norm(a - b) < 1.1 * edge
    ]
    directions = np.concatenate([corners, middles])
    directions[np.abs(directions) < 1e-6] = 0.0
    return directions


DIRECTIONS = _icosphere()
_MARGIN_M = 0.001  # as TinyRendererVisualShapeConverter sets it on the shapes that it samples
_MERGE = 0.001  # btConvexHull merges points this close in a bounding box of unit size


def _convex_hull_mesh(points: np.ndarray) -> Mesh:
    """Make the convex hull of sampled points, whose normals are the directions from the centre, as in Bullet."""
    from scipy.spatial import ConvexHull  # slow to import, and few worlds need it

    extent = np.ptp(points, axis=0)
    near = (np.abs(points[:, None] - points[None]) < _MERGE * extent).all(axis=-1)  # (n, n)
    kept: list[int] = []
    for number in range(len(points)):
        if not near[number, kept].any():
            kept.append(number)
    vertices = points[kept]
    try:
        hull = ConvexHull(vertices)
    except (ValueError, RuntimeError):  # Qhull's own error is a RuntimeError
        raise InputError("it has no volume") from None
    triangles = hull.simplices.copy()
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0.0
    triangles[inward] = triangles[inward][:, ::-1]
    normals = vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
    uvs = np.stack([np.arctan2(normals[:, 0], normals[:, 2]) / (2.0 * np.pi) + 0.5, normals[:, 1] * 0.5 + 0.5], 1)
    return Mesh(
        vertices.astype(np.float32),
        normals.astype(np.float32),
        uvs.astype(np.float32),
        triangles.astype(np.int32),
        flat=False,
    )


@lru_cache(maxsize=1)
def sphere_mesh() -> Mesh:
    """Make a sphere of radius 1, which Bullet samples in 42 directions."""
    return _convex_hull_mesh(DIRECTIONS)


@lru_cache(maxsize=256)
def round_prism(length_m: float, radius_m: float, capsule: bool) -> Mesh:
    """Make a cylinder about z, or with ``capsule`` a cylinder with pointed ends, as coarse as Bullet's."""
    angles = 2.0 * np.pi * np.arange(32) / 32
    rim = np.stack([radius_m * np.sin(angles), radius_m * np.cos(angles)], 1)
    points = np.empty((64, 3))
    points[0::2, :2] = points[1::2, :2] = rim
    points[0::2, 2], points[1::2, 2] = length_m / 2, -length_m / 2
    if capsule:
        tip = length_m / 2 + radius_m
        points = np.concatenate([points, [(0, 0, tip), (0, 0, -tip)]])
    return _sampled_hull_mesh(points)


@lru_cache(maxsize=256)
def round_prism_between(
    first: tuple[float, float, float], second: tuple[float, float, float], radius_m: float, capsule: bool
) -> Mesh:
    """Make a ``round_prism`` between two points, which Bullet samples in the same directions whatever its own is."""
    ends = np.array([first, second])
    axis = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    across = np.array(_plane_axes(*(float(value) for value in axis)))
    angles = 2.0 * np.pi * np.arange(32) / 32
    rim = radius_m * (np.sin(angles)[:, None] * across[0] + np.cos(angles)[:, None] * across[1])
    points = (ends[:, None] + rim).reshape(-1, 3)
    if capsule:
        points = np.concatenate([points, [ends[0] - radius_m * axis, ends[1] + radius_m * axis]])
    return _sampled_hull_mesh(points)


def _sampled_hull_mesh(points: np.ndarray) -> Mesh:
    """Make the hull of points as Bullet does.

    Bullet takes 32 points of each rim (and the two poles), selects the farthest one in each of 42 directions, moves it
    outwards by a margin of 1 mm, and takes the convex hull. The margin and the merging of close points do not scale
    with the shape, so every size needs its own mesh.
    """
    reach = DIRECTIONS @ points.T
    farthest = points[np.argmax(reach, axis=1)]
    return _convex_hull_mesh(farthest + _MARGIN_M * DIRECTIONS)
