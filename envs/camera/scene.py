"""What a PyBullet client holds, as a renderer needs it: parts that stay, and poses that are read for every picture.

PyBullet does not tell everything that its own renderer knows. What follows from that:
- meshes from memory, height fields, soft bodies and COLLADA files are left out, with a warning;
- a texture put on with plain ``changeVisualShape`` is not seen, see ``textures.apply_texture``;
- planes face +z, capsules and cylinders lie along their z axis (MJCF's ``fromto`` is not told);
- shapes made with the double-sided flag have one side.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pybullet

from envs.camera.meshes.mesh_file import load_mesh
from envs.camera.meshes.smooth_shapes import fine_capsule, fine_cylinder, fine_sphere
from envs.camera.meshes.tessellation import Mesh, box_mesh, plane_mesh, round_prism, sphere_mesh
from envs.camera.shot import LINK_SHIFT
from envs.camera.textures import applied_textures
from scenarios.common.errors import InputError

CHECKER = "checker"  # the texture that PyBullet gives to planes
Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # x, y, z, w


@dataclass(frozen=True)
class VisualPart:
    """One visual shape.

    Attributes:
        mesh: Its geometry, as TinyRenderer has it, before scaling.
        scale: Per axis, applied to positions (not to normals, as in TinyRenderer).
        fine_mesh: Its geometry for people, before the same scaling.
        radius_m: Of a ball about the shape's origin that holds it.
        place: Position in its frame, metres.
        turn: Orientation in its frame.
        rgba: In [0, 1].
        texture: Image file, ``CHECKER``, or None.
        frame: Row of ``Scene.poses`` that it moves with.
        segmentation: What it is called in segmentation masks.
    """

    mesh: Mesh
    fine_mesh: Mesh
    scale: Vector
    position: Vector
    orientation: Quaternion
    rgba: tuple[float, float, float, float]
    texture: str | None
    pose_row: int
    segmentation: int
    radius_m: float

    @property
    def reach_m(self) -> float:
        """Radius of a ball about the frame's origin that holds the shape."""
        return math.dist((0.0, 0.0, 0.0), self.position) + self.radius_m


class Scene:
    """The visible bodies of a client, read once."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.bodies = body_ids(client)
        self.frames = 0
        parts: list[VisualPart] = []
        self._sources: list[tuple[int, bool, list[int]]] = []  # body, is the base seen, links seen
        for body in self.bodies:
            parts += self._read(body)
        self.parts = tuple(parts)

    def poses(self) -> list[float]:
        """Where every frame is now: x, y, z, 0, quaternion; 8 numbers a frame."""
        client, flat = self.client, list[float]()
        base_pose = pybullet.getBasePositionAndOrientation
        for body, base, links in self._sources:
            if base:
                position, turn = base_pose(body, client)
                flat += position
                flat.append(0.0)
                flat += turn
            if links:
                # Forward kinematics, because the cached link poses are those before the last physics step.
                for state in pybullet.getLinkStates(body, links, 0, 1, client):
                    flat += state[4]
                    flat.append(0.0)
                    flat += state[5]
        return flat

    def _read(self, body: int) -> list[VisualPart]:
        client = self.client
        shapes = pybullet.getVisualShapeData(body, pybullet.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client)
        shapes = [shape for shape in shapes if shape[7][3] > 0.0]  # TinyRenderer leaves out alpha 0, the rest is opaque
        if not shapes:
            return []
        applied = applied_textures(client, body)
        links = sorted({shape[1] for shape in shapes if shape[1] >= 0})
        base = any(shape[1] < 0 for shape in shapes)
        frame_of = {link: self.frames + base + row for row, link in enumerate(links)} | {-1: self.frames}
        self.frames += base + len(links)
        self._sources.append((body, base, links))
        inertial = pybullet.getDynamicsInfo(body, -1, client)[3:5] if base else None
        parts: list[VisualPart] = []
        counts: dict[int, int] = {}
        for shape in shapes:
            _, link, kind, dimensions, file, place, turn, rgba = shape[:8]
            number = counts[link] = counts.get(link, -1) + 1
            found = _geometry(kind, dimensions, file.decode(), body, link, client)
            if found is None:
                continue
            mesh, fine_mesh, scale = found
            if link < 0 and inertial is not None:
                # A base's pose is that of its centre of mass; its shapes are placed in the link's own frame.
                back = pybullet.invertTransform(*inertial)
                place, turn = pybullet.multiplyTransforms(*back, place, turn)
            image = applied.get((link, number)) or applied.get((link, -1)) or mesh.texture
            if image is None and kind == pybullet.GEOM_PLANE:
                image = CHECKER
            name = body + ((link + 1) << LINK_SHIFT)
            radius_m = float(np.linalg.norm(mesh.positions * np.array(scale), axis=1).max())
            parts.append(VisualPart(mesh, fine_mesh, scale, place, turn, rgba, image, frame_of[link], name, radius_m))
        return parts


def body_ids(client: int) -> tuple[int, ...]:
    """Unique ids of all bodies of a client."""
    count = pybullet.getNumBodies(physicsClientId=client)
    return tuple(pybullet.getBodyUniqueId(index, physicsClientId=client) for index in range(count))


def _geometry(
    kind: int, dimensions: Vector, file: str, body: int, link: int, client: int
) -> tuple[Mesh, Mesh, Vector] | None:
    """Mesh, fine mesh and scale of a visual shape; None, with a warning, if its geometry can't be known."""
    size, radius = dimensions[0], dimensions[1]
    if kind == pybullet.GEOM_BOX:
        return box_mesh(), box_mesh(), (dimensions[0] / 2, dimensions[1] / 2, dimensions[2] / 2)
    if kind == pybullet.GEOM_SPHERE:
        return sphere_mesh(), fine_sphere(), (size, size, size)
    if kind == pybullet.GEOM_CYLINDER:
        return round_prism(size, radius, False), fine_cylinder(size, radius), (1.0, 1.0, 1.0)
    if kind == pybullet.GEOM_CAPSULE:
        return round_prism(size, radius, True), fine_capsule(size, radius), (1.0, 1.0, 1.0)
    if kind == pybullet.GEOM_PLANE:
        return plane_mesh(), plane_mesh(), (1.0, 1.0, 1.0)
    try:
        if kind == pybullet.GEOM_MESH and file:
            mesh = load_mesh(file)
            return mesh, mesh, dimensions
        reason = "PyBullet does not give back the geometry of meshes from memory and of height fields; use a file"
    except InputError as failure:
        reason = str(failure)
    warnings.warn(f"body {body} link {link} of client {client} is left out of GL pictures: {reason}", stacklevel=2)
    return None
