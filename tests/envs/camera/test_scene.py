from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pybullet as p
import pybullet_data
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from envs.camera import apply_texture, load_texture
from envs.camera.meshes.tessellation import box_mesh
from envs.camera.scene import CHECKER, Scene, VisualPart

from .conftest import Builder


def box(client: int, alpha: float = 1.0) -> int:
    visual = p.createVisualShape(
        p.GEOM_BOX, halfExtents=(0.1, 0.2, 0.3), rgbaColor=(1, 0, 0, alpha), physicsClientId=client
    )
    return int(p.createMultiBody(0, -1, visual, (2, 0, 0), physicsClientId=client))


def rotate(quaternion: tuple[float, ...], vector: tuple[float, ...]) -> np.ndarray:
    return np.array(p.getMatrixFromQuaternion(quaternion)).reshape(3, 3) @ vector


def test_parts_move_with_their_base_or_link(client: int, build: Builder) -> None:
    robot = build(client)
    scene = Scene(client)
    rows = {part.segmentation: part.pose_row for part in scene.parts}
    for angle in (0.2, -0.9):
        p.resetJointState(robot, 0, angle, physicsClientId=client)
        p.resetBasePositionAndOrientation(robot, (angle, 1, 0), (0, 0, 0, 1), physicsClientId=client)
        poses = np.array(scene.poses()).reshape(-1, 8)
        assert len(poses) == scene.frames
        base = p.getBasePositionAndOrientation(robot, client)
        link = p.getLinkState(robot, 0, 0, 1, client)
        assert poses[rows[robot]] == pytest.approx([*base[0], 0.0, *base[1]], abs=1e-6)
        assert poses[rows[robot + (1 << 24)]] == pytest.approx([*link[4], 0.0, *link[5]], abs=1e-6)


def test_a_shape_of_a_base_is_where_its_description_file_puts_it(client: int, build: Builder) -> None:
    """PyBullet's pose of a base is that of its centre of mass, which lies elsewhere and is turned."""
    robot = build(client)
    inertial = p.getDynamicsInfo(robot, -1, client)[3:5]
    p.resetBasePositionAndOrientation(robot, *inertial, physicsClientId=client)  # the file's frame at the origin
    scene = Scene(client)
    (cylinder,) = (part for part in scene.parts if part.segmentation == robot)
    pose = scene.poses()[8 * cylinder.pose_row :][:8]
    assert np.array(pose[:3]) + rotate(tuple(pose[4:]), cylinder.position) == pytest.approx([0.0, 0.0, 0.1], abs=1e-6)


def test_shapes_with_alpha_zero_are_omitted_and_take_no_pose(client: int) -> None:
    box(client, alpha=0.0)
    seen = box(client, alpha=0.3)
    scene = Scene(client)
    assert [part.segmentation for part in scene.parts] == [seen]
    assert scene.frames == 1
    assert len(scene.poses()) == 8


def test_a_client_without_bodies_is_an_empty_scene(client: int) -> None:
    scene = Scene(client)
    assert (scene.bodies, scene.parts, scene.poses()) == ((), (), [])


def test_a_texture_of_one_shape_comes_before_that_of_the_link(client: int, files: Path, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "other.png")
    robot = p.loadURDF(str(files / "robot.urdf"), physicsClientId=client)
    floor, other = (load_texture(client, path) for path in (files / "floor.png", tmp_path / "other.png"))
    apply_texture(client, robot, floor, link=0)
    apply_texture(client, robot, other, link=0, shape=1)
    textures = [part.texture for part in Scene(client).parts]
    assert textures == [None, str(files / "floor.png"), str(tmp_path / "other.png")]  # base, arm, its ball


def test_planes_have_a_checker_and_meshes_their_own_texture(client: int, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "skin.png")
    (tmp_path / "m.mtl").write_text("newmtl skin\nmap_Kd skin.png\n")
    (tmp_path / "m.obj").write_text("mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl skin\nf 1 2 3\n")
    visual = p.createVisualShape(p.GEOM_MESH, fileName=str(tmp_path / "m.obj"), physicsClientId=client)
    p.createMultiBody(0, -1, visual, physicsClientId=client)
    p.createMultiBody(0, p.createCollisionShape(p.GEOM_PLANE, physicsClientId=client), physicsClientId=client)
    assert [part.texture for part in Scene(client).parts] == [str(tmp_path / "skin.png"), CHECKER]


def test_a_mesh_without_a_known_geometry_is_left_out_with_a_warning(client: int) -> None:
    corners = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
    visual = p.createVisualShape(p.GEOM_MESH, vertices=corners, indices=(0, 1, 2, 0, 2, 3), physicsClientId=client)
    p.createMultiBody(0, -1, visual, physicsClientId=client)
    left = box(client)
    with pytest.warns(UserWarning, match=f"body 0 link -1 of client {client} is left out .*use a mesh file"):
        scene = Scene(client)
    assert [part.segmentation for part in scene.parts] == [left]


def test_a_soft_body_is_left_out_with_a_warning() -> None:
    client = p.connect(p.DIRECT)
    p.resetSimulation(p.RESET_USE_DEFORMABLE_WORLD, physicsClientId=client)
    cloth = str(Path(pybullet_data.getDataPath()) / "cloth_z_up.obj")
    p.loadSoftBody(cloth, mass=1, useMassSpring=1, useNeoHookean=0, physicsClientId=client)
    with pytest.warns(UserWarning, match=f"body 0 link -1 of client {client} is left out .*soft bodies"):
        assert Scene(client).parts == ()
    p.disconnect(client)


def test_shapes_that_are_not_seen_are_counted_all_the_same(client: int, files: Path) -> None:
    """PyBullet's number of a shape among those of its link doesn't depend on alpha."""
    visual = p.createVisualShapeArray(
        shapeTypes=[p.GEOM_SPHERE] * 3,
        radii=[0.1] * 3,
        rgbaColors=[(1, 1, 1, 0), (1, 0, 0, 1), (0, 1, 0, 1)],
        physicsClientId=client,
    )
    body = p.createMultiBody(0, -1, visual, physicsClientId=client)
    apply_texture(client, body, load_texture(client, files / "floor.png"), shape=1)
    assert [part.texture for part in Scene(client).parts] == [str(files / "floor.png"), None]


def test_a_colour_out_of_range_is_told_where_gl_can_not_draw_it(client: int, files: Path) -> None:
    body = box(client)
    p.changeVisualShape(body, -1, rgbaColor=(2, 1, 1, 1), physicsClientId=client)
    Scene(client)
    apply_texture(client, body, load_texture(client, files / "floor.png"))
    with pytest.warns(UserWarning, match=r"has a texture and the colour \(2.0, 1.0, 1.0, 1.0\)"):
        Scene(client)


def test_a_scene_is_current_until_the_bodies_are_others(client: int, build: Builder) -> None:
    robot = build(client)
    scene = Scene(client)
    p.resetJointState(robot, 0, 0.2, physicsClientId=client)
    assert scene.is_current()
    box(client)
    assert not scene.is_current()
    scene = Scene(client)
    p.removeBody(robot, client)
    assert box(client) == robot
    assert not scene.is_current()  # the body under the robot's id has no joint
    scene = Scene(client)
    p.resetSimulation(physicsClientId=client)
    build(client)
    box(client)
    assert not scene.is_current()


POSITIVE = st.floats(0.01, 5.0)
COORDINATE = st.floats(-5.0, 5.0)


@settings(max_examples=50)
@given(st.tuples(*[POSITIVE] * 3), st.tuples(*[COORDINATE] * 3), st.tuples(*[st.floats(-math.pi, math.pi)] * 3))
def test_the_reach_of_a_part_covers_all_its_vertices(
    scale: tuple[float, float, float], position: tuple[float, float, float], angles: tuple[float, float, float]
) -> None:
    orientation = p.getQuaternionFromEuler(angles)
    mesh = box_mesh()
    radius_m = float(np.linalg.norm(scale))
    part = VisualPart(mesh, mesh, scale, position, orientation, (1, 1, 1, 1), None, 0, 0, radius_m)
    turn = np.array(p.getMatrixFromQuaternion(orientation)).reshape(3, 3)
    vertices = (mesh.positions * scale) @ turn.T + position
    assert np.linalg.norm(vertices, axis=1).max() <= part.reach_m + 1e-9


@settings(max_examples=20)
@given(st.sampled_from(["box", "sphere", "cylinder", "capsule"]), POSITIVE, POSITIVE)
def test_the_radius_of_a_shape_covers_its_mesh_and_not_much_more(kind: str, radius: float, length: float) -> None:
    shapes: dict[str, dict[str, object]] = {
        "box": {"shapeType": p.GEOM_BOX, "halfExtents": (radius, radius, length / 2)},
        "sphere": {"shapeType": p.GEOM_SPHERE, "radius": radius},
        "cylinder": {"shapeType": p.GEOM_CYLINDER, "radius": radius, "length": length},
        "capsule": {"shapeType": p.GEOM_CAPSULE, "radius": radius, "length": length},
    }
    true_radius = {
        "box": math.hypot(radius, radius, length / 2),
        "sphere": radius,
        "cylinder": math.hypot(radius, length / 2),
        "capsule": radius + length / 2,
    }
    client = p.connect(p.DIRECT)
    visual = p.createVisualShape(physicsClientId=client, **shapes[kind])
    p.createMultiBody(0, -1, visual, physicsClientId=client)
    (part,) = Scene(client).parts
    p.disconnect(client)
    assert part.radius_m == pytest.approx(true_radius[kind], rel=0.01, abs=0.003)  # Bullet's margin is 1 mm
