from __future__ import annotations

from pathlib import Path

import numpy as np
import pybullet as p
import pybullet_data
import pytest

from envs.camera.bodies.geometry import read_geometry, read_plane_normal
from scenarios.common.errors import InputError


@pytest.mark.parametrize(
    ("kind", "dimensions", "reach"),
    [
        (p.GEOM_BOX, (0.2, 0.4, 0.6), (0.1, 0.2, 0.3)),
        (p.GEOM_SPHERE, (0.5, 0.0, 0.0), (0.5, 0.5, 0.5)),
        (p.GEOM_CYLINDER, (1.0, 0.2, 0.0), (0.2, 0.2, 0.5)),
        (p.GEOM_CAPSULE, (1.0, 0.2, 0.0), (0.2, 0.2, 0.7)),
        (p.GEOM_PLANE, (0.0, 0.0, 0.0), (128.0, 128.0, 0.0)),
    ],
)
def test_a_shape_has_the_size_that_pybullet_tells(
    kind: int, dimensions: tuple[float, float, float], reach: tuple[float, float, float]
) -> None:
    (geometry,) = read_geometry(kind, dimensions, "")
    assert not geometry.black
    for mesh in (geometry.mesh, geometry.fine_mesh):
        assert np.abs(mesh.positions * geometry.scale).max(axis=0) == pytest.approx(reach, rel=0.06, abs=0.002)


def test_triangles_without_normals_are_a_black_piece(tmp_path: Path) -> None:
    text = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvn 0 0 1\nvn 0 0 0\nf 1//1 2//1 3//1\nf 1//2 2//2 3//2\n"
    (tmp_path / "m.obj").write_text(text)
    pieces = read_geometry(p.GEOM_MESH, (1.0, 2.0, 3.0), str(tmp_path / "m.obj"))
    assert [(piece.black, piece.scale) for piece in pieces] == [(False, (1.0, 2.0, 3.0)), (True, (1.0, 2.0, 3.0))]


def test_meshes_are_found_where_pybullet_users_have_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (Path(pybullet_data.getDataPath()) / "cube.obj").is_file()
    (cube,) = read_geometry(p.GEOM_MESH, (1.0, 1.0, 1.0), "cube.obj")
    assert len(cube.mesh.triangles) == 12
    (tmp_path / "cube.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (own,) = read_geometry(p.GEOM_MESH, (1.0, 1.0, 1.0), "cube.obj")
    assert len(own.mesh.triangles) == 1


@pytest.mark.parametrize("kind", [p.GEOM_MESH, p.GEOM_HEIGHTFIELD, 99])
def test_a_geometry_that_is_not_returned_is_refused(kind: int) -> None:
    with pytest.raises(InputError, match="in-memory meshes and height fields"):
        read_geometry(kind, (1.0, 1.0, 1.0), "")


def test_a_shape_without_volume_is_refused() -> None:
    with pytest.raises(InputError, match="no volume"):
        read_geometry(p.GEOM_CYLINDER, (float("nan"), 0.1, 0.0), "")


def test_an_upright_plane_has_nothing_to_see() -> None:
    """TinyRenderer draws planes level, so of an upright one a line is left."""
    assert read_geometry(p.GEOM_PLANE, (0.0, 0.0, 0.0), "", (1.0, 0.0, 0.0)) == []


def test_the_normal_of_a_plane_is_that_of_its_collision_shape(client: int) -> None:
    named = {"physicsClientId": client}
    tilted = p.createMultiBody(0, p.createCollisionShape(p.GEOM_PLANE, planeNormal=(0.6, 0, 0.8), **named), **named)
    assert read_plane_normal(client, tilted, -1) == pytest.approx((0.6, 0.0, 0.8))


def test_where_pybullet_would_end_the_process_no_normal_is_asked_for(client: int) -> None:
    named = {"physicsClientId": client}
    size = {"numHeightfieldRows": 4, "numHeightfieldColumns": 4}
    ground = p.createCollisionShape(p.GEOM_HEIGHTFIELD, heightfieldData=[0.0] * 16, **size, **named)
    assert read_plane_normal(client, p.createMultiBody(0, ground, **named), -1) == (0.0, 0.0, 1.0)
