from __future__ import annotations

import numpy as np
import pybullet as p
import pytest

from envs.camera.bodies.link_box import enclose_shapes, read_box, to_matrix
from envs.camera.bodies.visual_shape import number_shapes

IDENTITY = (0.0, 0.0, 0.0, 1.0)


def make_body(client: int, inertial: tuple[float, ...] = (0, 0, 0), turn: tuple[float, ...] = IDENTITY) -> int:
    """Make a box and a capsule that look as they collide."""
    common = {"shapeTypes": [p.GEOM_BOX, p.GEOM_CAPSULE], "radii": [0, 0.1], "lengths": [0, 0.6]}
    sizes = {"halfExtents": [(0.1, 0.2, 0.3), (0, 0, 0)], "physicsClientId": client}
    places = [(0.5, 0, 0), (0, 0.4, 0.1)], [IDENTITY, p.getQuaternionFromEuler((0, 0.7, 0))]
    visual = p.createVisualShapeArray(
        **common, **sizes, visualFramePositions=places[0], visualFrameOrientations=places[1]
    )
    collision = p.createCollisionShapeArray(
        **common, **sizes, collisionFramePositions=places[0], collisionFrameOrientations=places[1]
    )
    return int(
        p.createMultiBody(
            1,
            collision,
            visual,
            baseInertialFramePosition=inertial,
            baseInertialFrameOrientation=turn,
            physicsClientId=client,
        )
    )


@pytest.mark.parametrize("turn", [IDENTITY, tuple(p.getQuaternionFromEuler((0.2, 0.3, 0.4)))])
@pytest.mark.parametrize("angles", [(0, 0, 0), (0.3, -0.2, 1.0)])
def test_the_box_of_a_link_is_that_around_its_shapes_wherever_its_body_is(
    angles: tuple[float, ...], turn: tuple[float, ...], client: int
) -> None:
    body = make_body(client, (0.1, 0.2, 0.3), turn)
    p.resetBasePositionAndOrientation(body, (4, 5, 6), p.getQuaternionFromEuler(angles), client)
    box = read_box(client, body, -1)
    shapes = number_shapes(p.getVisualShapeData(body, p.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client))
    assert box is not None
    assert np.allclose(box.turn, to_matrix(turn))
    expected = enclose_shapes(shapes, box.turn)
    assert expected is not None
    assert np.allclose(box.low, expected.low, atol=2e-3)
    assert np.allclose(box.high, expected.high, atol=2e-3)


def test_the_box_around_shapes_along_the_links_axes(client: int) -> None:
    body = make_body(client)
    shapes = number_shapes(p.getVisualShapeData(body, p.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client))
    first = enclose_shapes(shapes[:1], np.eye(3))
    assert first is not None
    assert np.allclose([first.low, first.high], [(0.4, -0.2, -0.3), (0.6, 0.2, 0.3)])
    quarter = to_matrix(p.getQuaternionFromEuler((0, 0, np.pi / 2)))  # its x is the link's y
    turned = enclose_shapes(shapes[:1], quarter)
    assert turned is not None
    assert np.allclose([turned.low, turned.high], [(-0.2, -0.6, -0.3), (0.2, -0.4, 0.3)])
    assert enclose_shapes([], np.eye(3)) is None
    assert enclose_shapes([shapes[0]._replace(kind=p.GEOM_MESH)], np.eye(3)) is None


def test_a_link_without_a_collision_shape_has_no_box(client: int) -> None:
    visual = p.createVisualShape(p.GEOM_CAPSULE, radius=0.1, length=0.6, physicsClientId=client)
    assert read_box(client, p.createMultiBody(1, -1, visual, physicsClientId=client), -1) is None


def test_of_a_box_that_stands_on_its_edge_exactly_only_the_box_around_it_is_told(client: int) -> None:
    body = make_body(client)
    upright = read_box(client, body, -1)
    p.resetBasePositionAndOrientation(body, (0, 0, 0), p.getQuaternionFromEuler((0, 0, np.pi / 4)), client)
    box = read_box(client, body, -1)
    assert upright is not None
    assert upright.spread is None
    assert box is not None
    assert box.spread is not None
    assert np.allclose(box.middle, upright.middle, atol=1e-6)
    assert np.allclose(box.half, box.spread @ upright.half, atol=1e-6)
