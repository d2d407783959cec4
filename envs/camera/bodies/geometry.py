"""The geometry of PyBullet's visual shapes, as TinyRenderer draws it."""

from __future__ import annotations

import os
from typing import NamedTuple

import pybullet
import pybullet_data

from envs.camera.bodies.limbs import Ends, Limb
from envs.camera.meshes.mesh_file import load_mesh
from envs.camera.meshes.smooth_shapes import fine_capsule, fine_cylinder, fine_sphere, place_between
from envs.camera.meshes.tessellation import (
    Mesh,
    box_mesh,
    plane_mesh,
    round_prism,
    round_prism_between,
    sphere_mesh,
)
from envs.camera.view import Vector
from scenarios.common.errors import InputError

_ENDLESS_M = 1e29  # PyBullet's boxes around planes are larger


class Geometry(NamedTuple):
    """The geometry of a visual shape, before and after scaling."""

    mesh: Mesh
    """Geometry as TinyRenderer draws it, before scaling."""
    fine_mesh: Mesh
    """Finer geometry for high-quality pictures, before the same scaling."""
    scale: Vector
    """Factor per axis, applied to positions but not to normals, as in TinyRenderer."""
    black: bool = False
    """Whether it is black whatever its colour: it has no normals."""


def read_geometry(kind: int, dimensions: Vector, file: str, plane_normal: Vector = (0.0, 0.0, 1.0)) -> list[Geometry]:
    """Return the geometry of a visual shape, in one piece or two; [] if there is nothing to see.

    Raises:
        InputError: It is not available.
    """
    size, radius = dimensions[0], dimensions[1]
    whole = (1.0, 1.0, 1.0)
    if kind == pybullet.GEOM_BOX:
        return [Geometry(box_mesh(), box_mesh(), (dimensions[0] / 2, dimensions[1] / 2, dimensions[2] / 2))]
    if kind == pybullet.GEOM_SPHERE:
        return [Geometry(sphere_mesh(), fine_sphere(size), (size, size, size))]
    if kind == pybullet.GEOM_CYLINDER:
        return [Geometry(round_prism(size, radius, False), fine_cylinder(size, radius), whole)]
    if kind == pybullet.GEOM_CAPSULE:
        return [Geometry(round_prism(size, radius, True), fine_capsule(size, radius), whole)]
    if kind == pybullet.GEOM_PLANE:
        plane = plane_mesh(plane_normal)
        return [] if plane is None else [Geometry(plane, plane, whole)]
    if kind == pybullet.GEOM_MESH and file:
        lit, unlit = load_mesh(_find_mesh(file))
        pieces = [(lit, False), (unlit, True)]
        return [Geometry(mesh, mesh, dimensions, black) for mesh, black in pieces if mesh is not None]
    raise InputError("PyBullet does not return the geometry of in-memory meshes and height fields; use a mesh file")


def limb_geometry(limb: Limb, ends: Ends) -> Geometry:
    """Return the geometry of a capsule or cylinder between two points."""
    mesh = round_prism_between(*ends, limb.radius_m, limb.capsule)
    fine = (fine_capsule if limb.capsule else fine_cylinder)(limb.length_m, limb.radius_m)
    return Geometry(mesh, place_between(fine, *ends), (1.0, 1.0, 1.0))


def read_plane_normal(client: int, body: int, link: int) -> Vector:
    """Return the normal of a plane's collision shape; upwards if it has none, because PyBullet tells no other."""
    if link == -1 and max(pybullet.getAABB(body, -1, client)[1]) > _ENDLESS_M:  # else PyBullet may end the process
        for shape in pybullet.getCollisionShapeData(body, -1, client):
            if shape[2] == pybullet.GEOM_PLANE:
                return shape[3]
    return 0.0, 0.0, 1.0


def _find_mesh(file: str) -> str:
    """Return a mesh's path; PyBullet doesn't tell its search path, which is mostly that of ``pybullet_data``."""
    places = (file, os.path.join("data", file), os.path.join(pybullet_data.getDataPath(), file))
    return next((place for place in places if os.path.isfile(place)), file)
