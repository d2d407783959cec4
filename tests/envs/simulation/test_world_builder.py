"""A world's bodies are where its items are, as large and as heavy, and only what blocks the robot can be touched."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import numpy as np
import pybullet as p
import pytest
from PIL import Image

from envs.simulation.world_builder import SHAPES_PER_BODY, build_world, texture_file
from scenarios.building.textures import generate_texture
from scenarios.geometry import Bounds, Pose2D
from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import BLOCKING_ROLES
from scenarios.registry import SCENARIOS
from scenarios.world import (
    RGBA,
    Box,
    Compound,
    CompoundPart,
    Cone,
    Cylinder,
    Item,
    Role,
    Shape,
    Sphere,
    Target,
    Task,
    World,
)

GREY: RGBA = (0.5, 0.5, 0.5, 1.0)
PLACE = Pose2D(2.0, 1.0, 0.5)
RED: RGBA = (0.9, 0.1, 0.1, 1.0)


@pytest.fixture
def client() -> Iterator[int]:
    number = p.connect(p.DIRECT)
    yield number
    p.disconnect(number)


def _item(name: str, shape: Shape, role: Role = "obstacle", pose: Pose2D = PLACE, **more: float) -> Item:
    return Item(name, name, shape, pose, shape.height_m / 2, GREY, role, **more)


def _world(*items: Item) -> World:
    task = Task(Target("goal", "goal", Pose2D(3.0, 0.0), 0.5))
    return World("test", items, Pose2D(0.0, 0.0), task, "go", Bounds(-5, -5, 5, 5), 0.2)


def _is_plain(item: Item) -> bool:
    return item.role == "decor" and item.texture is None


@pytest.mark.parametrize("name", SCENARIOS)
def test_bodies_have_the_pose_the_mass_and_the_contacts_of_their_items(name: str, client: int) -> None:
    world = get_scenario(name).world(0, 0)
    bodies = build_world(world, client)
    assert set(bodies) == {item.name for item in world.items if not _is_plain(item)}
    for item in (world.item(name) for name in bodies):
        position, turn = p.getBasePositionAndOrientation(bodies[item.name], physicsClientId=client)
        assert position == pytest.approx((item.pose.x, item.pose.y, item.z_m))
        yaw = p.getEulerFromQuaternion(turn)[2]
        assert math.remainder(yaw - item.pose.yaw, math.tau) == pytest.approx(0.0, abs=1e-6)
        assert p.getDynamicsInfo(bodies[item.name], -1, physicsClientId=client)[0] == item.mass_kg
        contacts = p.getCollisionShapeData(bodies[item.name], -1, physicsClientId=client)
        assert bool(contacts) == (item.role in BLOCKING_ROLES)


def test_plain_decor_shares_bodies_and_stays_in_its_place(client: int) -> None:
    count = 2 * SHAPES_PER_BODY + 1
    poses = [Pose2D(0.1 * number, -0.2 * number, 0.3) for number in range(count)]
    decor = [_item(f"lamp-{number}", Box((0.1, 0.1, 0.1)), "decor", pose) for number, pose in enumerate(poses)]
    assert build_world(_world(*decor), client) == {}
    bodies = [p.getBodyUniqueId(number, physicsClientId=client) for number in range(p.getNumBodies(client))]
    assert len(bodies) == 3
    places = [shape[5] for body in bodies for shape in p.getVisualShapeData(body, physicsClientId=client)]
    assert np.allclose(places, [(pose.x, pose.y, 0.05) for pose in poses])


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        (Box((0.4, 0.6, 1.0)), (0.4, 0.6, 1.0)),
        (Cylinder(0.3, 0.8), (0.6, 0.6, 0.8)),
        (Sphere(0.2), (0.4, 0.4, 0.4)),
        (Cone(0.3, 0.9), (0.6, 0.6, 0.9)),
    ],
)
def test_a_body_is_as_large_as_its_shape(shape: Shape, size: tuple[float, float, float], client: int) -> None:
    body = build_world(_world(_item("thing", shape, pose=Pose2D(2.0, 1.0))), client)["thing"]
    low, high = np.array(p.getAABB(body, physicsClientId=client))
    assert high - low == pytest.approx(np.array(size), abs=0.03)  # PyBullet adds a margin
    assert (low + high) / 2 == pytest.approx(np.array([2.0, 1.0, size[2] / 2]), abs=0.02)


def test_a_compound_shows_its_parts_and_touches_with_its_hull(client: int) -> None:
    parts = (
        CompoundPart(Box((0.2, 0.2, 0.2)), (0.1, 0.0, -0.1), RED),
        CompoundPart(Sphere(0.1), (-0.1, 0.0, 0.2), None),
    )
    body = build_world(_world(_item("toy", Compound(parts, Cylinder(0.4, 0.6)))), client)["toy"]
    shown = p.getVisualShapeData(body, physicsClientId=client)
    assert [shape[2] for shape in shown] == [p.GEOM_BOX, p.GEOM_SPHERE]
    assert np.allclose([shape[5] for shape in shown], [part.offset_m for part in parts])
    assert np.allclose([shape[7] for shape in shown], [RED, GREY])
    (hull,) = p.getCollisionShapeData(body, -1, physicsClientId=client)
    assert hull[2] == p.GEOM_CYLINDER
    assert hull[3][:2] == pytest.approx((0.6, 0.4))


def test_a_texture_is_written_once_and_is_the_generated_one() -> None:
    path = texture_file("wall/brick")
    assert texture_file("wall/brick") is path
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), generate_texture("wall/brick"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking a process that has threads
def test_a_forked_process_writes_its_own_file() -> None:
    path = texture_file("wall/brick")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(texture_file("wall/brick")).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        other = pipe.read()
    os.waitpid(child, 0)
    assert os.path.basename(other) == path.name
    assert other != str(path)
    assert path.exists()
