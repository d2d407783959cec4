from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.camera.meshes.tessellation import (
    DIRECTIONS,
    box_mesh,
    plane_mesh,
    round_prism,
    round_prism_between,
    sphere_mesh,
)

from .conftest import assert_closed, assert_normals_face_outwards, volume

LENGTHS = st.floats(0.05, 3.0)


def test_a_box_is_a_cube_of_half_extent_one() -> None:
    mesh = box_mesh()
    assert_closed(mesh)
    assert_normals_face_outwards(mesh)
    assert volume(mesh) == pytest.approx(8.0)
    assert (np.abs(mesh.positions) == 1.0).all()


def test_each_face_of_a_box_shows_one_sixteenth_of_the_texture() -> None:
    uvs = box_mesh().uvs[box_mesh().triangles]  # (12, 3, 2)
    first, second = uvs[:, 1] - uvs[:, 0], uvs[:, 2] - uvs[:, 0]
    areas = 0.5 * np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    assert areas == pytest.approx(np.full(12, 1 / 32))


def test_a_plane_is_flat_and_faces_up() -> None:
    mesh = plane_mesh()
    assert_normals_face_outwards(mesh)
    assert (mesh.normals == (0, 0, 1)).all()
    assert np.ptp(mesh.positions, axis=0).tolist() == [256.0, 256.0, 0.0]


def test_a_flat_mesh_has_one_normal_per_face() -> None:
    for mesh in (box_mesh(), plane_mesh()):
        corners = mesh.normals[mesh.triangles]
        assert mesh.flat
        assert np.array_equal(corners, np.repeat(corners[:, :1], 3, axis=1))
    assert not sphere_mesh().flat


def test_bullet_samples_in_42_directions_that_come_in_opposite_pairs() -> None:
    assert DIRECTIONS.shape == (42, 3)
    assert np.allclose(np.linalg.norm(DIRECTIONS, axis=1), 1.0)
    products = DIRECTIONS @ DIRECTIONS.T
    assert np.allclose(products.min(axis=1), -1.0)
    np.fill_diagonal(products, 0.0)
    assert products.max() < math.cos(math.radians(30))


def test_a_sphere_is_the_hull_of_these_directions() -> None:
    mesh = sphere_mesh()
    assert_closed(mesh)
    assert_normals_face_outwards(mesh)
    assert len(mesh.positions) == 42
    assert len(mesh.triangles) == 2 * 42 - 4  # Euler
    assert np.allclose(np.linalg.norm(mesh.positions, axis=1), 1.0)


@settings(max_examples=25, deadline=None)
@given(LENGTHS, LENGTHS, st.booleans())
def test_a_round_prism_is_a_closed_solid_that_its_shape_contains_but_for_the_margin(
    length: float, radius: float, capsule: bool
) -> None:
    mesh = round_prism(length, radius, capsule)
    assert_closed(mesh)
    assert_normals_face_outwards(mesh)
    margin_m = 0.001 + 1e-5
    radial, height = np.linalg.norm(mesh.positions[:, :2], axis=1), np.abs(mesh.positions[:, 2])
    assert (radial <= radius + margin_m).all()
    assert (height <= length / 2 + radius * capsule + margin_m).all()
    cylinder = math.pi * radius**2 * length
    assert volume(mesh) > 0.6 * cylinder


@pytest.mark.parametrize("capsule", [False, True])
def test_a_prism_between_two_points_upright_is_that_about_z(capsule: bool) -> None:
    about_z = round_prism(0.6, 0.2, capsule)
    between = round_prism_between((0.0, 0.0, -0.3), (0.0, 0.0, 0.3), 0.2, capsule)
    assert np.allclose(np.ptp(between.positions, axis=0), np.ptp(about_z.positions, axis=0), atol=0.01)
    assert_closed(between)


def test_a_prism_between_two_points_reaches_from_one_to_the_other() -> None:
    mesh = round_prism_between((0.5, 0.0, 0.0), (0.5, 0.4, 0.3), 0.02, False)
    assert_closed(mesh)
    along = (mesh.positions - (0.5, 0.0, 0.0)) @ (0.0, 0.8, 0.6)
    assert (along.min(), along.max()) == pytest.approx((0.0, 0.5), abs=0.01)


@pytest.mark.parametrize("normal", [(0.0, 0.0, -1.0), (0.6, 0.0, 0.8), (0.8, 0.36, 0.48)])
def test_a_tilted_plane_lies_level_and_shows_one_side(normal: tuple[float, float, float]) -> None:
    mesh = plane_mesh(normal)
    assert mesh is not None
    assert (mesh.positions[:, 2] == 0).all()
    a, b, c = mesh.positions[mesh.triangles[0]]
    assert np.sign(np.cross(b - a, c - a)[2]) == np.sign(normal[2])
