"""What holds for every solid."""

from __future__ import annotations

from collections import Counter

import numpy as np

from envs.camera.meshes.tessellation import Mesh


def volume(mesh: Mesh) -> float:
    """By the divergence theorem; positive if the triangles face outwards."""
    a, b, c = (mesh.positions[mesh.triangles[:, corner]].astype(float) for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def assert_closed(mesh: Mesh) -> None:
    """Every edge belongs to two triangles, which pass through it in opposite directions."""
    places, names = np.unique(np.round(mesh.positions / np.ptp(mesh.positions), 5) + 0.0, axis=0, return_inverse=True)
    assert len(places) >= 4
    edges: Counter[tuple[int, int]] = Counter()
    for a, b, c in names.ravel()[mesh.triangles]:
        if len({a, b, c}) == 3:  # triangles at a pole have no area
            edges.update([(int(a), int(b)), (int(b), int(c)), (int(c), int(a))])
    assert edges == Counter({(b, a): count for (a, b), count in edges.items()})


def assert_normals_face_outwards(mesh: Mesh) -> None:
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
    facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), mesh.normals[mesh.triangles].sum(axis=1))
    assert (facing >= -1e-9).all()
    assert (facing > 0.0).any()
