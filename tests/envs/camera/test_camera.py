from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pybullet as p
import pytest
from PIL import Image
from pybullet_utils.bullet_client import BulletClient

from envs.camera import Camera, Renderer, apply_texture, load_texture
from scenarios.common.errors import InputError
from scenarios.world import Light

from .conftest import Builder


@pytest.fixture(params=["gl", "tiny"])
def camera(request: pytest.FixtureRequest, client: int) -> Camera:
    renderer = request.getfixturevalue(request.param)
    return Camera(client, width=64, height=48, renderer=renderer)


def box(client: int, place: tuple[float, float, float], mass: float = 0.0) -> int:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.2, 0.3, 0.4), physicsClientId=client)
    return int(p.createMultiBody(mass, -1, visual, place, physicsClientId=client))


def seen(camera: Camera) -> set[int]:
    ids = camera.render(segmentation=True).segmentation
    assert ids is not None
    return set(np.unique(ids).tolist()) - {-1}


def test_a_camera_notices_bodies_that_come_and_go(camera: Camera) -> None:
    client = camera.client
    camera.look_at((0, 0, 0), (1, 0, 0))
    assert seen(camera) == set()
    first = box(client, (2, 0, 0))
    assert seen(camera) == {first}
    p.removeBody(first, physicsClientId=client)
    second = box(client, (2, 0, 0))
    assert seen(camera) == {second}


def test_a_body_under_the_id_of_a_removed_one_has_its_own_shape(camera: Camera) -> None:
    client, areas = camera.client, []
    camera.look_at((0, 0, 0), (1, 0, 0))
    for size in (0.2, 0.4):
        visual = p.createVisualShape(p.GEOM_SPHERE, radius=size, physicsClientId=client)
        body = p.createMultiBody(0, -1, visual, (2, 0, 0), physicsClientId=client)
        areas.append((camera.render(segmentation=True).segmentation == body).sum())
        p.removeBody(body, physicsClientId=client)
    assert 3 * areas[0] < areas[1]


def test_an_attached_camera_moves_with_its_link(camera: Camera, build: Builder) -> None:
    robot = build(camera.client)
    camera.attach(robot, 0, (0.0, 0.0, 0.5))
    for angle in (0.0, 0.7):
        p.resetJointState(robot, 0, angle, physicsClientId=camera.client)
        state = p.getLinkState(robot, 0, 0, 1, camera.client)
        axes = np.array(p.getMatrixFromQuaternion(state[5])).reshape(3, 3)
        view = camera.view
        assert np.allclose(view.eye, np.array(state[4]) + 0.5 * axes[:, 2], atol=1e-6)
        assert np.allclose(np.subtract(view.target, view.eye), axes[:, 0], atol=1e-6)
        assert np.allclose(view.up, axes[:, 2], atol=1e-6)
        assert camera.render().rgb.shape == (48, 64, 3)


def test_a_base_mount_is_relative_to_the_base_and_not_its_centre_of_mass(camera: Camera, build: Builder) -> None:
    robot = build(camera.client)
    p.resetBasePositionAndOrientation(robot, (0, 0, 0), (0, 0, 0, 1), physicsClientId=camera.client)
    inertial = p.getDynamicsInfo(robot, -1, camera.client)[3:5]
    p.resetBasePositionAndOrientation(robot, *inertial, physicsClientId=camera.client)
    assert np.allclose(camera.attach(robot, -1, (0.1, 0.2, 0.3)).view.eye, (0.1, 0.2, 0.3), atol=1e-6)


def test_a_mount_that_is_not_there_is_refused(camera: Camera, build: Builder) -> None:
    robot = build(camera.client)
    with pytest.raises(InputError, match="no link 7"):
        camera.attach(robot, 7)
    with pytest.raises(InputError, match="no body 99"):
        camera.attach(99)


def test_any_pybullet_user_can_take_a_picture() -> None:
    bullet = BulletClient(connection_mode=p.DIRECT)
    box(bullet._client, (0, 0, 0))
    camera = Camera(bullet)
    frame = camera.render(depth=True)
    assert frame.rgb.shape == (224, 224, 3)
    assert frame.depth_m is not None
    assert 2.5 < frame.depth_m[112, 112] < 3.5
    camera.close()
    bullet.disconnect()


def test_an_unknown_renderer_is_refused_at_once(client: int) -> None:
    with pytest.raises(InputError, match="did you mean 'tiny'"):
        Camera(client, renderer="tinny")


def test_a_change_of_looks_shows_in_the_next_picture(camera: Camera, tmp_path: Path) -> None:
    client = camera.client
    body = box(client, (2, 0, 0))
    camera.look_at((0, 0, 0), (1, 0, 0)).render()
    p.changeVisualShape(body, -1, rgbaColor=(0, 1, 0, 1), physicsClientId=client)
    assert (camera.render().rgb[24, 32, [0, 2]] == 0).all()
    p.changeVisualShape(body, -1, rgbaColor=(1, 1, 1, 1), physicsClientId=client)
    Image.new("RGB", (2, 2), (255, 0, 0)).save(tmp_path / "red.png")
    apply_texture(client, body, load_texture(client, tmp_path / "red.png"))
    assert (camera.render().rgb[24, 32, 1:] == 0).all()
    p.changeVisualShape(body, -1, rgbaColor=(1, 1, 1, 0), physicsClientId=client)
    assert seen(camera) == set()


@pytest.mark.parametrize("end", [lambda client: p.resetSimulation(physicsClientId=client), p.disconnect])
def test_a_new_world_with_as_many_bodies_is_drawn_and_not_the_old_one(
    end: Callable[[int], None], camera: Camera, build: Builder
) -> None:
    """The old world's last body has a link, which the new one's has not: asking PyBullet for it would end Python."""
    client = camera.client
    last = build(client)
    camera.look_at((-3, 0, 1), (0, 0, 0.5))
    assert last in seen(camera)
    end(client)
    if end is p.disconnect:
        assert p.connect(p.DIRECT) == client
    for number in range(last + 1):
        box(client, (0, number - last / 2, 0.4))
    camera.look_at((-20, 0, 0.5), (0, 0, 0.5))
    assert seen(camera) == set(range(last + 1))


def test_bodies_made_in_a_batch_are_all_drawn(camera: Camera) -> None:
    client = camera.client
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.04, 0.04, 0.04), physicsClientId=client)
    places = [(2, y / 10 - 0.9, 0) for y in range(18)]
    p.createMultiBody(0, -1, visual, batchPositions=places, physicsClientId=client)
    camera.look_at((0, 0, 0), (1, 0, 0))
    assert len(seen(camera)) == 18


def test_looking_at_a_point_detaches_the_camera(camera: Camera) -> None:
    body = box(camera.client, (2, 0, 0))
    camera.attach(body)
    assert camera.view.eye == pytest.approx((2, 0, 0))
    view = camera.look_at((0, 0, 1), (1, 0, 1)).view
    p.resetBasePositionAndOrientation(body, (5, 5, 5), (0, 0, 0, 1), physicsClientId=camera.client)
    assert camera.view == view


def test_closing_a_camera_leaves_a_renderer_of_its_caller_open(camera: Camera) -> None:
    box(camera.client, (2, 0, 0))
    camera.look_at((0, 0, 0), (1, 0, 0))
    before = camera.render().rgb
    camera.close()
    assert np.array_equal(
        Camera(camera.client, width=64, height=48, renderer=camera.renderer).look_at((0, 0, 0), (1, 0, 0)).render().rgb,
        before,
    )


@pytest.fixture
def watching(gl: Renderer, client: int) -> Camera:
    return Camera(client, width=64, height=48, renderer=gl).look_at((0, 0, 0), (1, 0, 0))


def plain_texture(client: int, body: int, folder: Path) -> None:
    """Put a texture on a body as PyBullet's users do, which PyBullet tells nobody."""
    Image.new("RGB", (2, 2), (255, 0, 0)).save(folder / "red.png")
    texture = p.loadTexture(str(folder / "red.png"), physicsClientId=client)
    p.changeVisualShape(body, -1, textureUniqueId=texture, physicsClientId=client)


def test_what_only_pybullet_knows_is_named_at_one_of_the_next_pictures(watching: Camera, tmp_path: Path) -> None:
    body = box(watching.client, (2, 0, 0))
    for _ in range(3):
        watching.render()
    plain_texture(watching.client, body, tmp_path)
    with pytest.warns(UserWarning, match=rf"GL draws 100% of the pixels of body {body} of .* by changeVisualShape"):
        watching.render()


def test_a_shape_that_only_pybullet_knows_is_named(watching: Camera) -> None:
    corners, triangles = ((2, -1, -1), (2, 1, -1), (2, 0, 1)), (0, 1, 2, 0, 2, 1)
    visual = p.createVisualShape(p.GEOM_MESH, vertices=corners, indices=triangles, physicsClientId=watching.client)
    body = p.createMultiBody(0, -1, visual, physicsClientId=watching.client)
    with pytest.warns(UserWarning, match=f"body {body} link -1 of client .* is left out of GL pictures: .*in-memory"):
        watching.render()


def test_nothing_is_compared_where_that_is_not_wanted(gl: Renderer, client: int, tmp_path: Path) -> None:
    plain_texture(client, box(client, (2, 0, 0)), tmp_path)
    camera = Camera(client, width=64, height=48, renderer=gl, compare=False).look_at((0, 0, 0), (1, 0, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(4):
            camera.render()


def test_comparing_leaves_the_light_of_pybullets_own_pictures_alone(watching: Camera) -> None:
    box(watching.client, (2, 0, 0))

    def own_picture() -> np.ndarray:
        view = watching.view.view_matrix().T.ravel().tolist()
        lens = watching.view.projection_matrix(1.0).T.ravel().tolist()
        named = {"renderer": p.ER_TINY_RENDERER, "physicsClientId": watching.client}
        return np.array(p.getCameraImage(32, 32, view, lens, **named)[2])

    before = own_picture()
    watching.light = Light((1.0, 0.0, 0.0), (0.1, 0.9, 0.3), ambient=0.1, diffuse=0.2)
    watching.render()
    assert np.array_equal(own_picture(), before)
