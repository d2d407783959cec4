from __future__ import annotations

import itertools

import numpy as np
import pybullet as p

from envs.camera import Shot, View
from envs.camera.opengl.renderer import GlRenderer
from envs.camera.opengl.tile import pack_tile
from envs.camera.scene import Scene
from envs.camera.visibility import PlacedBoxes, cut_by_near_plane, in_view, part_boxes, place_boxes

from .conftest import Builder

VIEW = View((0.0, 0.0, 1.0), (1.0, 0.0, 0.8), fov_deg=50.0, near_m=0.2, far_m=12.0)


def placed(client: int) -> PlacedBoxes:
    scene = Scene(client)
    return place_boxes(part_boxes(scene.parts), np.array(scene.poses(), np.float32).reshape(-1, 8))


def clip_of(shot: Shot) -> np.ndarray:
    return np.array(pack_tile(shot)[:16]).reshape(4, 4).T


def test_boxes_lie_where_the_bodies_are_and_turn_with_them(client: int) -> None:
    visual = p.createVisualShape(
        p.GEOM_BOX,
        halfExtents=(0.5, 0.2, 0.1),
        visualFramePosition=(1.0, 0.0, 0.0),
        visualFrameOrientation=p.getQuaternionFromEuler((0.0, np.pi / 2, 0.0)),
        physicsClientId=client,
    )
    turn = p.getQuaternionFromEuler((0.0, 0.0, np.pi / 2))
    p.createMultiBody(0, -1, visual, (3.0, 4.0, 5.0), turn, physicsClientId=client)
    boxes = placed(client)
    assert np.allclose(boxes.middles, [(3.0, 5.0, 5.0)], atol=1e-5)
    assert np.allclose(boxes.reach(np.eye(3)), [(0.2, 0.1, 0.5)], atol=1e-5)
    assert np.allclose(boxes.lowest_m, [4.5], atol=1e-5)


def test_every_part_that_is_seen_is_in_view_and_few_others_are(client: int, build: Builder, gl: GlRenderer) -> None:
    build(client)
    scene, boxes = Scene(client), placed(client)
    hidden = 0
    for yaw, shift in itertools.product(np.linspace(0.0, 6.0, 7), ((0.0, 0.0), (0.6, -0.4))):
        target = (float(np.cos(yaw)), float(np.sin(yaw)), 0.8)
        shot = Shot(client, View(VIEW.eye, target, fov_deg=50.0, shift=shift), 64, 64)
        seen = gl.render([shot], segmentation=True)[0].segmentation
        visible = in_view(boxes, clip_of(shot))
        numbers = np.array([part.segmentation for part in scene.parts])
        assert set(np.unique(seen)) - {-1} <= set(numbers[visible])
        hidden += (~visible).sum()
    assert hidden > 0


def test_a_box_is_cut_where_it_reaches_into_the_near_side_of_the_view(client: int) -> None:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.1, 0.1, 0.1), physicsClientId=client)
    for place in ((0.25, 0.0, 0.95), (0.6, 0.0, 0.9), (0.2, 1.0, 1.0), (-0.5, 0.0, 1.0)):
        p.createMultiBody(0, -1, visual, place, physicsClientId=client)
    assert cut_by_near_plane(placed(client), clip_of(Shot(client, VIEW, 64, 64))).tolist() == [
        True,
        False,
        False,
        False,
    ]


def test_a_scene_without_parts_has_no_boxes(client: int) -> None:
    boxes = placed(client)
    clip = clip_of(Shot(client, VIEW, 64, 64))
    assert in_view(boxes, clip).shape == cut_by_near_plane(boxes, clip).shape == (0,)
