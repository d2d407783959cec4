"""A corridor with one of every shape, for pictures by both renderers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pybullet as p
import pytest
from PIL import Image

from envs.camera import Renderer, View, apply_texture, load_texture, make_renderer
from envs.camera.opengl import context
from envs.camera.opengl.context import GlUnavailableError
from envs.camera.opengl.renderer import GlRenderer

ROBOT = """<robot name="robot">
<link name="base">
  <inertial><origin xyz="0 0 0.05" rpy="0 0 0.3"/><mass value="2"/>
    <inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>
  <visual><origin xyz="0 0 0.1"/><geometry><cylinder radius="0.2" length="0.2"/></geometry>
    <material name="blue"><color rgba="0.2 0.3 0.8 1"/></material></visual>
  <collision><origin xyz="0 0 0.1"/><geometry><cylinder radius="0.2" length="0.2"/></geometry></collision>
</link>
<link name="arm">
  <inertial><origin xyz="0.1 0 0.2"/><mass value="1"/>
    <inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>
  <visual><origin xyz="0 0 0.2" rpy="0.3 0 0"/><geometry><box size="0.08 0.08 0.4"/></geometry>
    <material name="red"><color rgba="0.8 0.2 0.1 1"/></material></visual>
  <visual><origin xyz="0 0 0.45"/><geometry><sphere radius="0.08"/></geometry></visual>
</link>
<joint name="shoulder" type="revolute"><parent link="base"/><child link="arm"/>
  <origin xyz="0 0 0.2" rpy="0 0 0.5"/><axis xyz="0 1 0"/><limit lower="-2" upper="2" effort="10" velocity="3"/></joint>
</robot>"""

VIEWS = {
    "ahead": View((0.0, 0.0, 0.4), (3.0, 0.0, 0.3), fov_deg=75.0),
    "aside": View((1.0, -1.0, 0.5), (2.5, 0.5, 0.3), fov_deg=60.0),
    "above": View((3.0, 0.0, 6.0), (3.0, 0.0, 0.0), (1.0, 0.0, 0.0), fov_deg=60.0),
}


@pytest.fixture(autouse=True)
def no_context_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test opens its own contexts, so that a driver that it stands in for is asked."""
    monkeypatch.setattr(context, "_idle", {False: [], True: []})


@pytest.fixture
def client() -> Iterator[int]:
    number = p.connect(p.DIRECT)
    yield number
    p.disconnect(number)


@pytest.fixture(scope="session")
def _one_gl() -> Iterator[GlRenderer]:
    try:
        renderer = GlRenderer()
    except GlUnavailableError as failure:
        pytest.skip(f"no OpenGL here: {failure}")
    yield renderer
    renderer.close()


@pytest.fixture
def gl(_one_gl: GlRenderer, client: int) -> GlRenderer:
    """One renderer for all tests; a client id may have been another world's in an earlier test."""
    for number in range(32):
        _one_gl.forget(number)
    return _one_gl


@pytest.fixture
def tiny() -> Renderer:
    return make_renderer("tiny")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a texture, a cone and a robot."""
    folder = tmp_path_factory.mktemp("camera")
    rows, columns = np.mgrid[0:128, 0:256]
    noise = np.random.Generator(np.random.PCG64(3)).integers(-12, 12, (128, 256, 3))
    image = ((columns // 16 + rows // 16) % 2 * 60 + 130)[..., None] + noise
    Image.fromarray(image.astype(np.uint8)).save(folder / "floor.png")
    angles = 2 * np.pi * np.arange(24) / 24
    lines = [f"v {np.cos(a):.6f} {np.sin(a):.6f} -0.5" for a in angles] + ["v 0 0 0.5", "v 0 0 -0.5"]
    for i in range(24):
        j = (i + 1) % 24
        lines += [f"f {i + 1} {j + 1} 25", f"f {j + 1} {i + 1} 26"]
    (folder / "cone.obj").write_text("\n".join(lines) + "\n")
    (folder / "robot.urdf").write_text(ROBOT)
    return folder


Builder = Callable[..., int]


@pytest.fixture
def build(files: Path) -> Builder:
    """A function that fills a client with a corridor and gives back the robot's body."""

    def fill(client: int, seed: int = 0) -> int:
        rng = np.random.Generator(np.random.PCG64(seed))

        def body(shape: int, place: tuple[float, ...], yaw: float = 0.0, **geometry: object) -> int:
            visual = p.createVisualShape(shape, physicsClientId=client, **geometry)
            turn = p.getQuaternionFromEuler((0.0, 0.0, yaw))
            return int(p.createMultiBody(0, -1, visual, place, turn, physicsClientId=client))

        floor = body(p.GEOM_BOX, (5, 0, -0.05), halfExtents=(6, 1.5, 0.05))
        apply_texture(client, floor, load_texture(client, files / "floor.png"))
        for y in (1.55, -1.55):
            body(p.GEOM_BOX, (5, y, 1), halfExtents=(6, 0.05, 1), rgbaColor=(0.8, 0.75, 0.6, 1))
        for _ in range(12):
            height = rng.uniform(0.1, 0.35)
            extents = (*rng.uniform(0.05, 0.3, 2), height)
            place = (rng.uniform(1.5, 10), rng.uniform(-1.3, 1.3), height)
            body(p.GEOM_BOX, place, rng.uniform(-3, 3), halfExtents=extents, rgbaColor=(*rng.uniform(0.1, 1, 3), 1))
        body(p.GEOM_SPHERE, (3, 0.5, 0.25), radius=0.25, rgbaColor=(0.9, 0.1, 0.1, 1))
        body(p.GEOM_CYLINDER, (2.5, -0.7, 0.3), radius=0.2, length=0.6, rgbaColor=(0.1, 0.8, 0.2, 1))
        body(p.GEOM_CAPSULE, (4, -0.2, 0.4), radius=0.15, length=0.5, rgbaColor=(0.9, 0.8, 0.1, 1))
        cone = {"fileName": str(files / "cone.obj"), "meshScale": (0.2, 0.2, 0.6), "rgbaColor": (0.9, 0.5, 0.1, 1)}
        body(p.GEOM_MESH, (2.2, 0.9, 0.3), **cone)
        turn = p.getQuaternionFromEuler((0, 0, 0.4))
        robot = p.loadURDF(str(files / "robot.urdf"), (1.5, 0.2, 0), turn, physicsClientId=client)
        p.resetJointState(robot, 0, 0.4, physicsClientId=client)
        return int(robot)

    return fill
