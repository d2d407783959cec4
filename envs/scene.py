"""From a frozen world to bodies in a PyBullet client."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pybullet as p
from PIL import Image

from envs.camera import apply_texture, load_texture
from scenarios.looks import look
from scenarios.occupancy import BLOCKING_ROLES
from scenarios.world import Box, Cone, Cylinder, Item, Sphere, World

DECOR_PER_BODY = 15  # PyBullet's compound shapes hold 16
ASSETS = Path(__file__).parent / "assets"
CONE = ASSETS / "cone.obj"
BOX = ASSETS / "box.obj"  # where a box has a picture: PyBullet's own box shows a part of it, turned


@cache
def _texture_folder() -> Path:
    """A folder of this process for the procedural textures, because PyBullet takes textures as files only."""
    folder = Path(tempfile.mkdtemp(prefix="mobile-vla-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def texture_file(name: str) -> Path:
    """The file of a look in ``scenarios.looks``, painted on first use."""
    path = _texture_folder() / (name.replace("/", "-") + ".bmp")  # read without decompression, at every reset
    Image.fromarray(look(name)).save(path)
    return path


def build(world: World, client: int) -> dict[str, int]:
    """Put every item of a world into an empty client.

    Returns:
        Body unique ids by item name; plain decor has none.
    """
    textures = {item.texture for item in world.items if item.texture}
    texture_ids = {name: load_texture(client, texture_file(name)) for name in sorted(textures)}
    plain = [item for item in world.items if item.role == "decor" and item.texture is None]
    for first in range(0, len(plain), DECOR_PER_BODY):
        _decor(plain[first : first + DECOR_PER_BODY], client)
    return {item.name: _body(item, client, texture_ids) for item in world.items if item not in plain}


def _decor(items: list[Item], client: int) -> None:
    """Plain decor as the visual shapes of one body: every body more makes every physics step longer."""
    shapes = [_geometry(item)["visual"] for item in items]
    visual = p.createVisualShapeArray(
        shapeTypes=[shape["shapeType"] for shape in shapes],
        halfExtents=[shape.get("halfExtents", (0.0, 0.0, 0.0)) for shape in shapes],
        radii=[shape.get("radius", 0.0) for shape in shapes],
        lengths=[shape.get("length", 0.0) for shape in shapes],
        fileNames=[shape.get("fileName", "") for shape in shapes],
        meshScales=[shape.get("meshScale", (1.0, 1.0, 1.0)) for shape in shapes],
        visualFramePositions=[(item.pose.x, item.pose.y, item.z_m) for item in items],
        visualFrameOrientations=[p.getQuaternionFromEuler((0.0, 0.0, item.pose.yaw)) for item in items],
        rgbaColors=[item.rgba for item in items],
        physicsClientId=client,
    )
    p.createMultiBody(baseMass=0.0, baseVisualShapeIndex=visual, physicsClientId=client)


def _body(item: Item, client: int, texture_ids: dict[str, int]) -> int:
    geometry = _geometry(item)
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
        apply_texture(client, body, texture_ids[item.texture])
    return int(body)


def _geometry(item: Item) -> dict[str, dict[str, object]]:
    """Arguments of createVisualShape and createCollisionShape, which name the same things differently."""
    match item.shape:
        case Box(size_m):
            extents = {"shapeType": p.GEOM_BOX, "halfExtents": [edge / 2 for edge in size_m]}
            if item.texture is None:
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
