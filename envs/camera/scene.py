"""The visible contents of a PyBullet client: parts, which stay the same, and poses, which are read for every picture.

PyBullet does not expose everything that its own renderer draws. Therefore:

- in-memory meshes, height fields, soft bodies and COLLADA files are left out, with a warning;
- a texture applied with plain ``changeVisualShape`` is not drawn, see ``textures.apply_texture``;
- the ends of capsules and cylinders that MJCF gives by ``fromto`` are found by the box around the link, if they can be;
- shapes created with the double-sided flag have one side.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pybullet

from envs.camera.bodies.geometry import Geometry, limb_geometry, read_geometry, read_plane_normal
from envs.camera.bodies.identity import body_ids, find_mark, mark_body
from envs.camera.bodies.limbs import UnknownEndsError, find_ends, to_limb
from envs.camera.bodies.link_box import read_box
from envs.camera.bodies.visual_shape import RGBA, VisualShape, number_shapes
from envs.camera.meshes.tessellation import Mesh
from envs.camera.shot import LINK_SHIFT
from envs.camera.textures import applied_textures
from envs.camera.view import Quaternion, Vector
from scenarios.common.errors import InputError

CHECKER = "checker"  # the texture that PyBullet gives to planes
_WITH_TEXTURES = pybullet.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS
_BODY_TYPE, _SOFT_BODY = 10, 3  # place and value in what getDynamicsInfo returns


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
    rgba: RGBA
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
        all_shapes = number_shapes(pybullet.getVisualShapeData(body, _WITH_TEXTURES, client))
        shapes = [shape for shape in all_shapes if shape.is_visible]
        if not shapes:
            return []
        if pybullet.getDynamicsInfo(body, -1, client)[_BODY_TYPE] == _SOFT_BODY:
            _warn(client, body, -1, "is left out of GL pictures: PyBullet doesn't return the triangles of soft bodies")
            return []
        applied = applied_textures(client, body)
        row_of = self._add_frames(body, {shape.link for shape in shapes})
        parts: list[VisualPart] = []
        for shape in shapes:
            try:
                found = _read_geometry(client, shape, all_shapes)
            except InputError as failure:
                _warn(client, body, shape.link, f"is left out of GL pictures: {failure}")
                continue
            texture = applied.get((shape.link, shape.number), applied.get((shape.link, -1)))
            for geometry in found:
                parts.append(_make_part(client, shape, geometry, texture, row_of[shape.link]))
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


def _read_geometry(client: int, shape: VisualShape, shapes: Sequence[VisualShape]) -> list[Geometry]:
    """Return the geometry of one of a body's shapes; InputError if it is not available."""
    if shape.kind == pybullet.GEOM_PLANE:
        normal = read_plane_normal(client, shape.body, shape.link)
        return read_geometry(shape.kind, shape.dimensions, shape.file, normal)
    if shape.is_limb:
        return _read_limb(client, shape, [each for each in shapes if each.link == shape.link and each != shape])
    return read_geometry(shape.kind, shape.dimensions, shape.file)


def _read_limb(client: int, shape: VisualShape, others: Sequence[VisualShape]) -> list[Geometry]:
    """Return a capsule or a cylinder, between its ends if MJCF gave it by them; others are shapes of its link."""
    box = read_box(client, shape.body, shape.link)
    try:
        ends = None if box is None else find_ends(shape, others, box)
    except UnknownEndsError:
        _warn(client, shape.body, shape.link, "is drawn upright: PyBullet doesn't return the ends of MJCF's 'fromto'")
        ends = None
    if ends is not None:
        return [limb_geometry(to_limb(shape), ends)]
    return read_geometry(shape.kind, shape.dimensions, shape.file)


def _make_part(client: int, shape: VisualShape, geometry: Geometry, applied: str | None, pose_row: int) -> VisualPart:
    """Make a part of a shape's geometry, with the texture that was applied to the shape, if any."""
    position, orientation = shape.position, shape.orientation
    if shape.link < 0:
        # A base's pose is that of its centre of mass; its shapes are placed in the frame of its description file.
        inertial = pybullet.getDynamicsInfo(shape.body, -1, client)[3:5]
        to_base = pybullet.invertTransform(*inertial)
        position, orientation = pybullet.multiplyTransforms(*to_base, position, orientation)
    texture = _own_texture(client, shape, geometry.mesh) if applied is None else applied or None
    rgba = _drawn_colour(client, shape, texture is not None)
    if geometry.black:
        texture, rgba = None, (0.0, 0.0, 0.0, 1.0)
    segmentation = shape.body + ((shape.link + 1) << LINK_SHIFT)
    mesh, fine_mesh, scale, _ = geometry
    radius_m = float(np.linalg.norm(mesh.positions * np.array(scale), axis=1).max())
    return VisualPart(mesh, fine_mesh, scale, position, orientation, rgba, texture, pose_row, segmentation, radius_m)


def _own_texture(client: int, shape: VisualShape, mesh: Mesh) -> str | None:
    """Return the texture that a shape has by itself; none if PyBullet loaded none."""
    if shape.kind == pybullet.GEOM_PLANE:
        return CHECKER
    if not shape.has_texture:
        return None
    if mesh.texture is None:
        _warn(client, shape.body, shape.link, f"is drawn without the texture that PyBullet found for '{shape.file}'")
    return mesh.texture


def _drawn_colour(client: int, shape: VisualShape, textured: bool) -> RGBA:
    """Return a shape's colour; TinyRenderer keeps the last eight bits of one that is out of range."""
    rgba = shape.rgba
    if all(0.0 <= value <= 1.0 for value in rgba[:3]):
        return rgba
    if textured:
        _warn(client, shape.body, shape.link, f"has a texture and the colour {rgba}, out of [0, 1]: GL clips it")
    bytes_ = [int(np.float32(255.0) * np.float32(value)) & 255 if math.isfinite(value) else 0 for value in rgba[:3]]
    red, green, blue = ((value + 0.25) / 255.0 for value in bytes_)
    return red, green, blue, rgba[3]


def _warn(client: int, body: int, link: int, problem: str) -> None:
    warnings.warn(f"body {body} link {link} of client {client} {problem}", stacklevel=2)
