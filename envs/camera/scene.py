"""The visible contents of a PyBullet client: parts, which stay the same, and poses, which are read for every picture.

PyBullet does not expose everything that its own renderer draws. Therefore:

- in-memory meshes, height fields, soft bodies and COLLADA files are left out, with a warning;
- a texture applied with plain ``changeVisualShape`` is not drawn, see ``textures.apply_texture``;
- planes face +z, and capsules and cylinders lie along their z axis (MJCF's ``fromto`` is not exposed);
- shapes created with the double-sided flag have one side.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pybullet

from envs.camera.bodies.identity import body_ids, find_mark, mark_body
from envs.camera.meshes.mesh_file import load_mesh
from envs.camera.meshes.smooth_shapes import fine_capsule, fine_cylinder, fine_sphere
from envs.camera.meshes.tessellation import Mesh, box_mesh, plane_mesh, round_prism, sphere_mesh
from envs.camera.shot import LINK_SHIFT
from envs.camera.textures import applied_textures
from envs.camera.view import Quaternion, Vector
from scenarios.common.errors import InputError

CHECKER = "checker"  # the texture that PyBullet gives to planes


class Geometry(NamedTuple):
    """The geometry of a visual shape, before and after scaling."""

    mesh: Mesh
    """Geometry as TinyRenderer draws it, before scaling."""
    fine_mesh: Mesh
    """Finer geometry for high-quality pictures, before the same scaling."""
    scale: Vector
    """Factor per axis, applied to positions but not to normals, as in TinyRenderer."""


@dataclass(frozen=True)
class VisualPart:
    """One visual shape of a body."""

    mesh: Mesh
    """Geometry as TinyRenderer draws it, before scaling."""
    fine_mesh: Mesh
    """Finer geometry for high-quality pictures, before the same scaling."""
    scale: Vector
    """Factor per axis, applied to positions but not to normals, as in TinyRenderer."""
    position: Vector
    """In the frame of ``pose_row``, metres."""
    orientation: Quaternion
    """In the frame of ``pose_row``."""
    rgba: tuple[float, float, float, float]
    """In [0, 1]."""
    texture: str | None
    """Path of an image file, ``CHECKER``, or None."""
    pose_row: int
    """Row of ``Scene.poses`` that the part moves with."""
    segmentation: int
    """Value in segmentation masks."""
    radius_m: float
    """Radius of a ball around the shape's origin that contains the shape."""

    @property
    def reach_m(self) -> float:
        """Radius of a ball around the frame's origin that contains the shape."""
        return math.dist((0.0, 0.0, 0.0), self.position) + self.radius_m


class Scene:
    """The visible bodies of a client, read once.

    Attributes:
        client: PyBullet client id.
        bodies: Unique ids of all its bodies.
        frames: Number of rows of ``poses``: bases and links with visual shapes.
        parts: All visual shapes.
    """

    def __init__(self, client: int) -> None:
        self.client = client
        self.bodies = body_ids(client)
        self.frames = 0
        parts: list[VisualPart] = []
        self._sources: list[tuple[int, bool, list[int]]] = []  # body, has a visible base, visible links
        self._joints: list[tuple[int, int]] = []  # body, number of joints, of bodies with visible links
        self._mark = mark_body(client, self.bodies[0]) if self.bodies else ""
        for body in self.bodies:
            parts += self._read(body)
        self.parts = tuple(parts)

    def is_current(self) -> bool:
        """Return whether the client holds the bodies that were read, as far as can be told at once.

        It can't if a body was replaced by another one with as many joints, or if looks changed.
        """
        client = self.client
        if pybullet.getNumBodies(client) != len(self.bodies):
            return False
        if self.bodies and find_mark(client, self.bodies[0]) != self._mark:
            return False
        return all(pybullet.getNumJoints(body, client) == count for body, count in self._joints)

    def poses(self) -> list[float]:
        """Return the current pose of every frame: x, y, z, 0, quaternion; 8 numbers per frame."""
        client, flat = self.client, list[float]()
        base_pose = pybullet.getBasePositionAndOrientation
        for body, base, links in self._sources:
            if base:
                position, turn = base_pose(body, client)
                flat += position
                flat.append(0.0)
                flat += turn
            if links:
                # With forward kinematics, because cached link poses are those before the last physics step.
                for state in pybullet.getLinkStates(body, links, 0, 1, client):
                    flat += state[4]
                    flat.append(0.0)
                    flat += state[5]
        return flat

    def _read(self, body: int) -> list[VisualPart]:
        client = self.client
        shapes = pybullet.getVisualShapeData(body, pybullet.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client)
        shapes = [
            shape for shape in shapes if shape[7][3] > 0.0
        ]  # TinyRenderer omits alpha 0 and draws all else opaque
        if not shapes:
            return []
        applied = applied_textures(client, body)
        row_of = self._add_frames(body, {shape[1] for shape in shapes})
        parts: list[VisualPart] = []
        counts: dict[int, int] = {}
        for shape in shapes:
            link = shape[1]
            number = counts[link] = counts.get(link, -1) + 1
            texture = applied.get((link, number)) or applied.get((link, -1))
            try:
                parts.append(_read_part(client, shape, texture, row_of[link]))
            except InputError as failure:
                warnings.warn(
                    f"body {body} link {link} of client {client} is left out of GL pictures: {failure}", stacklevel=2
                )
        return parts

    def _add_frames(self, body: int, seen: set[int]) -> dict[int, int]:
        """Give a row of ``poses`` to each visible link (-1 for the base) and return the rows by link."""
        links, base = sorted(seen - {-1}), -1 in seen
        row_of = {link: self.frames + row for row, link in enumerate([-1, *links] if base else links)}
        self.frames += len(row_of)
        self._sources.append((body, base, links))
        if links:
            self._joints.append((body, pybullet.getNumJoints(body, self.client)))
        return row_of


def _read_part(client: int, shape: tuple[Any, ...], texture: str | None, pose_row: int) -> VisualPart:
    """Read one entry of ``getVisualShapeData``; InputError if its geometry is not available."""
    body, link, kind, dimensions, file, position, orientation, rgba = shape[:8]
    geometry = _geometry(kind, dimensions, file.decode())
    mesh, _, scale = geometry
    if link < 0:
        # A base's pose is that of its centre of mass; its shapes are placed in the frame of its description file.
        inertial = pybullet.getDynamicsInfo(body, -1, client)[3:5]
        to_base = pybullet.invertTransform(*inertial)
        position, orientation = pybullet.multiplyTransforms(*to_base, position, orientation)
    texture = texture or mesh.texture or (CHECKER if kind == pybullet.GEOM_PLANE else None)
    segmentation = body + ((link + 1) << LINK_SHIFT)
    radius_m = float(np.linalg.norm(mesh.positions * np.array(scale), axis=1).max())
    return VisualPart(*geometry, position, orientation, rgba, texture, pose_row, segmentation, radius_m)


def _geometry(kind: int, dimensions: Vector, file: str) -> Geometry:
    """Return the geometry of a visual shape; InputError if it is not available."""
    size, radius = dimensions[0], dimensions[1]
    if kind == pybullet.GEOM_BOX:
        return Geometry(box_mesh(), box_mesh(), (dimensions[0] / 2, dimensions[1] / 2, dimensions[2] / 2))
    if kind == pybullet.GEOM_SPHERE:
        return Geometry(sphere_mesh(), fine_sphere(size), (size, size, size))
    if kind == pybullet.GEOM_CYLINDER:
        return Geometry(round_prism(size, radius, False), fine_cylinder(size, radius), (1.0, 1.0, 1.0))
    if kind == pybullet.GEOM_CAPSULE:
        return Geometry(round_prism(size, radius, True), fine_capsule(size, radius), (1.0, 1.0, 1.0))
    if kind == pybullet.GEOM_PLANE:
        return Geometry(plane_mesh(), plane_mesh(), (1.0, 1.0, 1.0))
    if kind == pybullet.GEOM_MESH and file:
        mesh = load_mesh(file)
        return Geometry(mesh, mesh, dimensions)
    raise InputError("PyBullet does not return the geometry of in-memory meshes and height fields; use a mesh file")
