from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pybullet as p
import pytest

from envs.camera.bodies.limbs import Ends, UnknownEndsError, find_ends
from envs.camera.bodies.link_box import LinkBox, read_box
from envs.camera.bodies.visual_shape import VisualShape, number_shapes

UPRIGHT = (0.0, 0.0, 0.0, 1.0)
TURNED = (0.1, -0.3, 0.5, 0.8)
ON_EDGE = (0.0, 0.0, math.sin(math.pi / 8), math.cos(math.pi / 8))
INERTIAL = '<inertial pos="0.1 0 0" quat="0.9 0.1 0.3 0.2" mass="1" diaginertia="1 2 3"/>'


def load(client: int, folder: Path, *geoms: str, inertial: str = "") -> int:
    """Load a model of one link in MJCF."""
    shapes = inertial + "".join(f"<geom {geom}/>" for geom in geoms)
    (folder / "m.xml").write_text(f'<mujoco><worldbody><body name="b">{shapes}</body></worldbody></mujoco>')
    return int(p.loadMJCF(str(folder / "m.xml"), physicsClientId=client)[0])


def find(client: int, body: int, number: int = 0, turn: tuple[float, ...] = UPRIGHT) -> Ends | None:
    """Find the ends of a shape of a body that stands somewhere."""
    p.resetBasePositionAndOrientation(body, (1, 2, 3), turn, client)
    shapes = number_shapes(p.getVisualShapeData(body, p.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client))
    box = read_box(client, body, -1)
    assert box is not None
    return find_ends(shapes[number], [each for each in shapes if each.number != number], box)


def are_near(found: Ends | None, ends: tuple[float, ...]) -> bool:
    """Whether ends are those that MJCF gives, in either order."""
    expected = np.reshape(ends, (2, 3))
    return found is not None and any(np.allclose(found[::way], expected, atol=0.01) for way in (1, -1))


def shape_of(kind: int, length: float, radius: float) -> VisualShape:
    return VisualShape(0, -1, 0, kind, (length, radius, 0.0), "", (0, 0, 0), UPRIGHT, (1, 1, 1, 1), False)


@pytest.mark.parametrize("inertial", ["", INERTIAL])
@pytest.mark.parametrize("turn", [UPRIGHT, TURNED])
@pytest.mark.parametrize("kind", ["capsule", "cylinder"])
@pytest.mark.parametrize("ends", [(0, 0, 0, 0.3, 0.2, -0.1), (0.2, 0.1, 0.4, 0.2, 0.1, 0.9), (-0.3, 0, 0, 0.3, 0, 0)])
def test_the_ends_that_mjcf_gives_are_found_however_its_body_is_turned(
    kind: str, ends: tuple[float, ...], turn: tuple[float, ...], inertial: str, client: int, tmp_path: Path
) -> None:
    body = load(client, tmp_path, f'type="{kind}" size="0.05" fromto="{" ".join(map(str, ends))}"', inertial=inertial)
    assert are_near(find(client, body, turn=turn), ends)


def test_where_a_body_stands_on_an_edge_of_its_box_ends_are_found_or_said_to_be_unknown(
    client: int, tmp_path: Path
) -> None:
    (tmp_path / "along").mkdir()
    slanting = load(client, tmp_path, 'type="capsule" size="0.05" fromto="0 0 0 0.3 0.2 -0.1"')
    along = load(client, tmp_path / "along", 'type="capsule" size="0.05" fromto="-0.2 0.1 0 0.2 0.1 0"')
    assert are_near(find(client, slanting, turn=ON_EDGE), (0, 0, 0, 0.3, 0.2, -0.1))
    with pytest.raises(UnknownEndsError):  # or along y: the box around it would be the same
        find(client, along, turn=ON_EDGE)


@pytest.mark.parametrize("turn", [UPRIGHT, TURNED])
@pytest.mark.parametrize(
    ("ends", "other"),
    [
        ((-0.5, 0, 0, 0.5, 0, 0), 'type="capsule" axisangle="0 1 0 .87" pos=".6 0 .1" size="0.046 .15"'),
        ((0.01, 0.01, 0.01, 0.17, 0.17, 0.17), 'type="sphere" pos="0.18 0.18 0.18" size="0.04"'),
        ((0, 0.2, 0, 0, 0.2, 0.6), 'type="box" pos="0 0.2 -0.1" size="0.03 0.04 0.2"'),
    ],
)
def test_the_ends_of_a_limb_beside_other_shapes_are_found(
    ends: tuple[float, ...], other: str, turn: tuple[float, ...], client: int, tmp_path: Path
) -> None:
    body = load(client, tmp_path, f'type="capsule" size="0.046" fromto="{" ".join(map(str, ends))}"', other)
    assert are_near(find(client, body, turn=turn), ends)


@pytest.mark.parametrize("shape", [p.GEOM_CAPSULE, p.GEOM_CYLINDER])
@pytest.mark.parametrize("angles", [(0, 0, 0), (0, 0, 0.8), (0.4, 1.1, 2.0)])
def test_a_shape_that_stands_upright_in_its_link_is_not_given_by_ends(
    shape: int, angles: tuple[float, ...], client: int
) -> None:
    size = {"radius": 0.1, "physicsClientId": client}
    collision = p.createCollisionShape(shape, height=0.6, **size)
    visual = p.createVisualShape(shape, length=0.6, **size)
    inertial = (0.1, 0.2, 0.3)
    body = p.createMultiBody(1, collision, visual, (1, 2, 3), UPRIGHT, inertial, physicsClientId=client)
    assert find(client, body, turn=p.getQuaternionFromEuler(angles)) is None


def test_a_link_that_collides_unlike_it_looks_is_drawn_as_pybullet_says(client: int, tmp_path: Path) -> None:
    visual = p.createVisualShapeArray(
        shapeTypes=[p.GEOM_CYLINDER, p.GEOM_BOX],
        radii=[0.1, 0],
        lengths=[0.3, 0],
        halfExtents=[(0, 0, 0), (0.1, 0.1, 0.1)],
        visualFramePositions=[(0, 0, 0), (0, 0, 0.3)],
        physicsClientId=client,
    )
    collision = p.createCollisionShape(p.GEOM_BOX, halfExtents=(0.4, 0.5, 0.6), physicsClientId=client)
    body = p.createMultiBody(1, collision, visual, physicsClientId=client)
    assert find(client, body) is None


def test_of_several_limbs_in_one_link_it_is_told_that_their_ends_are_unknown(client: int, tmp_path: Path) -> None:
    foot = 'type="capsule" size="0.027" fromto="-.07 {} 0 0.14 {} 0"'
    body = load(client, tmp_path, foot.format(-0.02, -0.04), foot.format(0, 0.02))
    for number in (0, 1):
        with pytest.raises(UnknownEndsError):
            find(client, body, number)


def test_ends_that_could_lie_in_several_places_are_not_guessed() -> None:
    half = np.array([0.6, 0.6, 0.0]) / math.sqrt(8.0) + 0.14  # slanting: up or down
    with pytest.raises(UnknownEndsError):
        find_ends(shape_of(p.GEOM_CAPSULE, 0.6, 0.1), [], LinkBox(np.array([1.0, 0.0, 0.0]), half, np.eye(3)))


def test_a_limb_without_length_is_not_given_by_ends() -> None:
    assert find_ends(shape_of(p.GEOM_CAPSULE, 0.0, 0.1), [], LinkBox(np.ones(3), np.full(3, 0.14), np.eye(3))) is None


@pytest.mark.parametrize("kind", [p.GEOM_CAPSULE, p.GEOM_CYLINDER])
def test_a_box_of_something_else_is_not_taken_for_the_limb(kind: int) -> None:
    box = LinkBox(np.zeros(3), np.array([0.5, 0.5, 0.5]), np.eye(3))
    assert find_ends(shape_of(kind, 0.6, 0.1), [], box) is None
