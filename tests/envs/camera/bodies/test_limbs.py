from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pybullet as p
import pytest

from envs.camera.bodies.limbs import Limb, find_ends, is_by_ends, read_box

UPRIGHT = np.eye(3)


def load(client: int, folder: Path, geom: str) -> int:
    """Load a model of one link in MJCF."""
    (folder / "m.xml").write_text(f'<mujoco><worldbody><body name="b"><geom {geom}/></body></worldbody></mujoco>')
    return int(p.loadMJCF(str(folder / "m.xml"), physicsClientId=client)[0])


@pytest.mark.parametrize("kind", ["capsule", "cylinder"])
@pytest.mark.parametrize("ends", [(0, 0, 0, 0.3, 0.2, -0.1), (0.2, 0.1, 0.4, 0.2, 0.1, 0.9), (-0.3, 0, 0, 0.3, 0, 0)])
def test_the_ends_that_mjcf_gives_are_found(kind: str, ends: tuple[float, ...], client: int, tmp_path: Path) -> None:
    body = load(client, tmp_path, f'type="{kind}" size="0.05" fromto="{" ".join(map(str, ends))}"')
    limb = Limb(math.dist(ends[:3], ends[3:]), 0.05, kind == "capsule")
    p.resetBasePositionAndOrientation(body, (1, 2, 3), (0, 0, 0, 1), client)
    box = read_box(client, body, -1)
    assert box is not None
    assert is_by_ends(limb, *box)
    found = find_ends(limb, *box)
    assert found is not None
    same = np.allclose(found, np.reshape(ends, (2, 3)), atol=0.01)
    assert same or np.allclose(found[::-1], np.reshape(ends, (2, 3)), atol=0.01)


@pytest.mark.parametrize("shape", [p.GEOM_CAPSULE, p.GEOM_CYLINDER])
@pytest.mark.parametrize("angles", [(0, 0, 0), (0, 0, 0.8), (0.4, 1.1, 2.0)])
def test_a_shape_that_stands_upright_in_its_link_is_not_given_by_ends(
    shape: int, angles: tuple[float, ...], client: int
) -> None:
    collision = p.createCollisionShape(shape, radius=0.1, height=0.6, physicsClientId=client)
    turn = p.getQuaternionFromEuler(angles)
    body = p.createMultiBody(1, collision, -1, (1, 2, 3), turn, (0.1, 0.2, 0.3), physicsClientId=client)
    box = read_box(client, body, -1)
    assert box is not None
    assert not is_by_ends(Limb(0.6, 0.1, shape == p.GEOM_CAPSULE), *box)


def test_a_link_without_a_collision_shape_has_no_box(client: int) -> None:
    visual = p.createVisualShape(p.GEOM_CAPSULE, radius=0.1, length=0.6, physicsClientId=client)
    assert read_box(client, p.createMultiBody(1, -1, visual, physicsClientId=client), -1) is None


def test_ends_that_could_lie_in_several_places_are_not_guessed() -> None:
    limb = Limb(0.6, 0.1, True)
    half = np.array([0.6, 0.6, 0.0]) / math.sqrt(8.0) + 0.14  # slanting: up or down
    middle = np.array([1.0, 0.0, 0.0])
    assert is_by_ends(limb, middle, half, UPRIGHT)
    assert find_ends(limb, middle, half, UPRIGHT) is None


def test_a_limb_without_length_is_not_given_by_ends() -> None:
    assert not is_by_ends(Limb(0.0, 0.1, True), np.ones(3), np.full(3, 0.14), UPRIGHT)


def test_a_box_of_something_else_is_not_taken_for_the_limb() -> None:
    for limb in (Limb(0.6, 0.1, True), Limb(0.6, 0.1, False)):
        assert not is_by_ends(limb, np.zeros(3), np.array([0.5, 0.5, 0.5]), UPRIGHT)
