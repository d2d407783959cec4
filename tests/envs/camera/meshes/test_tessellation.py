from __future__ import annotations

import numpy as np
import pytest

from envs.camera.meshes.smooth_shapes import fine_capsule, fine_cylinder, fine_sphere
from envs.camera.meshes.tessellation import Mesh, box_mesh, plane_mesh, round_prism, sphere_mesh

SOLIDS = {
    "box": (box_mesh(), 8.0),
    "sphere": (sphere_mesh(), 4.1888),
    "cylinder": (round_prism(0.6, 0.2, False), 0.0754),
    "capsule": (round_prism(0.6, 0.2, True), 0.1089),
    "fine sphere": (fine_sphere(), 4.1888),
    "fine cylinder": (fine_cylinder(0.6, 0.2), 0.0754),
    "fine capsule": (fine_capsule(0.6, 0.2), 0.1089),
}


def volume(mesh: Mesh) -> float:
    a, b, c = (mesh.positions[mesh.triangles[:, corner]].astype(float) for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_are_closed_face_outwards_and_hold_their_volume(name: str) -> None:
    mesh, true_volume = SOLIDS[name]
    fine = name.startswith("fine") or name == "box"
    assert true_volume * (0.97 if fine else 0.7) < volume(mesh) < true_volume * (1.001 if fine else 1.03)
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
    facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), mesh.normals[mesh.triangles].sum(axis=1))
    assert (facing >= -1e-9).all()


def test_a_flat_mesh_has_one_normal_per_face() -> None:
    for mesh in (box_mesh(), plane_mesh()):
        corners = mesh.normals[mesh.triangles]
        assert mesh.flat
        assert np.array_equal(corners, np.repeat(corners[:, :1], 3, axis=1))


def test_a_plane_faces_up() -> None:
    a, b, c = plane_mesh().positions[plane_mesh().triangles[0]]
    assert np.cross(b - a, c - a)[2] > 0
