from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.camera.meshes.smooth_shapes import fine_capsule, fine_cylinder, fine_sphere, place_between
from envs.camera.meshes.tessellation import Mesh, sphere_mesh

from .conftest import assert_closed, assert_normals_face_outwards, volume

LENGTHS = st.floats(0.05, 3.0)


def assert_solid(mesh: Mesh, true_volume: float) -> None:
    assert_closed(mesh)
    assert_normals_face_outwards(mesh)
    assert 0.97 * true_volume < volume(mesh) < 1.001 * true_volume


@pytest.mark.parametrize("radius", [0.01, 0.1, 1.0])
def test_a_sphere_has_radius_one_and_radial_normals_whatever_it_is_scaled_to(radius: float) -> None:
    mesh = fine_sphere(radius)
    assert_solid(mesh, 4.0 / 3.0 * math.pi)
    assert np.allclose(np.linalg.norm(mesh.positions, axis=1), 1.0, atol=1e-6)
    assert np.allclose(mesh.normals, mesh.positions, atol=1e-6)


def test_larger_shapes_have_more_triangles_and_all_are_finer_than_tinyrenderer_s() -> None:
    counts = [len(fine_sphere(radius).triangles) for radius in (0.05, 0.2, 1.0)]
    assert counts == sorted(set(counts))
    assert counts[0] > 4 * len(sphere_mesh().triangles)
    assert counts[-1] > 20 * len(sphere_mesh().triangles)


@settings(max_examples=20)
@given(LENGTHS, LENGTHS)
def test_a_cylinder_has_its_length_and_radius(length: float, radius: float) -> None:
    mesh = fine_cylinder(length, radius)
    assert_solid(mesh, math.pi * radius**2 * length)
    assert np.ptp(mesh.positions[:, 2]) == pytest.approx(length, rel=1e-5)
    assert np.linalg.norm(mesh.positions[:, :2], axis=1).max() == pytest.approx(radius, rel=1e-5)
    assert ((np.abs(mesh.normals[:, 2]) < 1e-6) | (np.abs(mesh.normals[:, 2]) > 1.0 - 1e-6)).all()  # sharp rims


@settings(max_examples=20)
@given(LENGTHS, LENGTHS)
def test_every_vertex_of_a_capsule_is_one_radius_from_its_axis(length: float, radius: float) -> None:
    mesh = fine_capsule(length, radius)
    assert_solid(mesh, math.pi * radius**2 * (length + 4.0 / 3.0 * radius))
    nearest = np.zeros_like(mesh.positions)
    nearest[:, 2] = np.clip(mesh.positions[:, 2], -length / 2, length / 2)
    offsets = mesh.positions - nearest
    assert np.linalg.norm(offsets, axis=1) == pytest.approx(np.full(len(offsets), radius), rel=1e-4)
    assert np.allclose(mesh.normals, offsets / radius, atol=1e-4)


def test_a_shape_between_two_points_is_the_same_one_elsewhere() -> None:
    upright = fine_capsule(0.6, 0.1)
    placed = place_between(upright, (1.0, 0.0, 0.0), (1.0, 0.36, 0.48))
    assert_closed(placed)
    assert volume(placed) == pytest.approx(volume(upright), rel=1e-4)
    along = (placed.positions - (1.0, 0.0, 0.0)) @ (0.0, 0.6, 0.8)
    assert (along.min(), along.max()) == pytest.approx((-0.1, 0.7), abs=1e-4)
