"""Construction of a world's bodies in a PyBullet client."""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pybullet as p
from PIL import Image

from envs.camera.textures import record_texture
from scenarios.building.textures import generate_texture
from scenarios.common.locks import make_temporary_folder, remove_temporary_folder
from scenarios.navigation.clearance_grid import BLOCKING_ROLES
from scenarios.world import RGBA, Box, Compound, Cone, Cylinder, Item, Primitive, Shape, Sphere, World, hull_shape

SHAPES_PER_BODY = 15  # PyBullet's compound shapes have at most 16
ASSETS = Path(__file__).parents[1] / "assets"
CONE = ASSETS / "cone.obj"
BOX = ASSETS / "box.obj"  # for textured boxes: PyBullet's own box shows a rotated part of the texture


@cache
def _texture_folder(process: int) -> Path:
    """Create a process's folder for the procedural textures, because PyBullet loads textures only from files."""
    folder = make_temporary_folder("mobile-vla-")
    atexit.register(_remove, folder, process)
    return folder


def _remove(folder: Path, process: int) -> None:
    """Remove the folder, except in a forked child, which leaves it to its parent."""
    if process == os.getpid():
        remove_temporary_folder(folder)


def texture_file(name: str) -> Path:
    """Return the file of a texture in ``scenarios.building.textures``, written on first use by this process.

    Forked processes don't share files, since one could read a file that another is still writing.
    """
    return _painted(name, os.getpid())


@cache
def _painted(name: str, process: int) -> Path:
    path = _texture_folder(process) / (name.replace("/", "-") + ".bmp")  # read without decompression, at every reset
    Image.fromarray(generate_texture(name)).save(path)
    return path


def build_world(world: World, client: int) -> dict[str, int]:
    """Build all items of a world in an empty client.

    Returns:
        PyBullet body ids by item name; plain decor has none.
    """
    plain = [item for item in world.items if item.role == "decor" and item.texture is None]
    pieces = [piece for item in plain for piece in _pieces(item)]
    for first in range(0, len(pieces), SHAPES_PER_BODY):
        shapes = _visuals(pieces[first : first + SHAPES_PER_BODY], client)
        p.createMultiBody(baseMass=0.0, baseVisualShapeIndex=shapes, physicsClientId=client)
    return {item.name: _body(item, client) for item in world.items if item not in plain}


@dataclass(frozen=True)
class _Piece:
    """One primitive of a body, with its pose in the body's frame."""

    shape: Primitive
    rgba: RGBA
    at: tuple[float, float, float]
    yaw: float = 0.0


def _pieces(item: Item) -> list[_Piece]:
    """Return the primitives of plain decor in the world's frame; sharing bodies makes physics steps faster."""
    return [
        _Piece(
            piece.shape,
            piece.rgba,
            (*item.pose.to_world(piece.at[:2]).tolist(), item.z_m + piece.at[2]),
            item.pose.yaw,
        )
        for piece in _parts(item.shape, item.rgba)
    ]


def _parts(shape: Shape, rgba: RGBA) -> list[_Piece]:
    """Return a shape's primitives in its own frame."""
    if isinstance(shape, Compound):
        return [_Piece(part.shape, part.rgba or rgba, part.offset_m) for part in shape.parts]
    return [_Piece(shape, rgba, (0.0, 0.0, 0.0))]


def _visuals(pieces: list[_Piece], client: int) -> int:
    """Create the visual shapes of one body."""
    shapes = [_geometry(piece.shape, False)["visual"] for piece in pieces]
    visual = p.createVisualShapeArray(
        shapeTypes=[shape["shapeType"] for shape in shapes],
        halfExtents=[shape.get("halfExtents", (0.0, 0.0, 0.0)) for shape in shapes],
        radii=[shape.get("radius", 0.0) for shape in shapes],
        lengths=[shape.get("length", 0.0) for shape in shapes],
        fileNames=[shape.get("fileName", "") for shape in shapes],
        meshScales=[shape.get("meshScale", (1.0, 1.0, 1.0)) for shape in shapes],
        visualFramePositions=[piece.at for piece in pieces],
        visualFrameOrientations=[p.getQuaternionFromEuler((0.0, 0.0, piece.yaw)) for piece in pieces],
        rgbaColors=[piece.rgba for piece in pieces],
        physicsClientId=client,
    )
    return int(visual)


def _body(item: Item, client: int) -> int:
    geometry = _geometry(hull_shape(item.shape), item.texture is not None)
    if isinstance(item.shape, Compound):
        visual = _visuals(_parts(item.shape, item.rgba), client)
    else:
        visual = p.createVisualShape(**geometry["visual"], rgbaColor=item.rgba, physicsClientId=client)
    collision = -1
    if item.role in BLOCKING_ROLES:
        collision = p.createCollisionShape(**geometry["collision"], physicsClientId=client)
    body = p.createMultiBody(
        baseMass=item.mass_kg,
        baseCollisionShapeIndex=collision,
        baseVisualShapeIndex=visual,
        basePosition=(item.pose.x, item.pose.y, item.z_m),
        baseOrientation=p.getQuaternionFromEuler((0.0, 0.0, item.pose.yaw)),
        physicsClientId=client,
    )
    if item.texture:
        record_texture(client, body, texture_file(item.texture))
    return int(body)


def _geometry(shape: Primitive, textured: bool) -> dict[str, dict[str, object]]:
    """Return the arguments of createVisualShape and createCollisionShape, whose names differ."""
    match shape:
        case Box(size_m):
            extents = {"shapeType": p.GEOM_BOX, "halfExtents": [edge / 2 for edge in size_m]}
            if not textured:
                return {"visual": extents, "collision": extents}
            mesh = {"shapeType": p.GEOM_MESH, "fileName": str(BOX), "meshScale": size_m}
            return {"visual": mesh, "collision": extents}
        case Cylinder(radius_m, height_m):
            kind = {"shapeType": p.GEOM_CYLINDER, "radius": radius_m}
            return {"visual": {**kind, "length": height_m}, "collision": {**kind, "height": height_m}}
        case Sphere(radius_m):
            ball = {"shapeType": p.GEOM_SPHERE, "radius": radius_m}
            return {"visual": ball, "collision": ball}
        case Cone(radius_m, height_m):
            mesh = {"shapeType": p.GEOM_MESH, "fileName": str(CONE), "meshScale": [radius_m, radius_m, height_m]}
            return {"visual": mesh, "collision": mesh}
