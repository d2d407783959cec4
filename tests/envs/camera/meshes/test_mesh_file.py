from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.camera.meshes.mesh_file import load_mesh
from envs.camera.meshes.tessellation import Mesh
from scenarios.common.errors import InputError

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def lit(path: str) -> Mesh:
    """The triangles of a file all of whose triangles have normals."""
    loaded = load_mesh(path)
    assert loaded.lit is not None
    assert loaded.unlit is None
    return loaded.lit


def test_polygons_become_triangles_with_face_normals(tmp_path: Path) -> None:
    mesh = lit(write(tmp_path, "square.obj", SQUARE + "f 1 2 3 4\n"))
    assert len(mesh.triangles) == 2
    assert mesh.flat
    assert np.allclose(mesh.normals, (0, 0, 1))
    assert np.allclose(mesh.uvs, 0.5)


def test_indices_may_count_from_the_end_and_carry_uvs_and_normals(tmp_path: Path) -> None:
    text = SQUARE + "vt 0 0\nvt 1 0\nvt 1 1\nvn 0 0.6 0.8\nvn 0 0 2\nf -4/1/1 -3/2/1 -2/3/2\n"
    mesh = lit(write(tmp_path, "corner.obj", text))
    assert not mesh.flat
    order = [
        int(np.flatnonzero((mesh.positions == place).all(axis=1))[0]) for place in ((0, 0, 0), (1, 0, 0), (1, 1, 0))
    ]
    assert np.allclose(mesh.uvs[order], [(0, 0), (1, 0), (1, 1)])
    assert np.allclose(mesh.normals[order], [(0, 0.6, 0.8), (0, 0.6, 0.8), (0, 0, 1)])


def test_triangles_without_area_are_dropped(tmp_path: Path) -> None:
    mesh = lit(write(tmp_path, "square.obj", SQUARE + "f 1 2 3\nf 1 2 2\nf 1 1 1\n"))
    assert len(mesh.triangles) == 1
    assert mesh.flat


def test_triangles_without_normals_are_apart(tmp_path: Path) -> None:
    text = SQUARE + "vn 0 0 1\nvn 0 0 0\nf 1//1 2//1 3//1\nf 1//1 3//2 4//1\n"
    loaded = load_mesh(write(tmp_path, "square.obj", text))
    assert loaded.lit is not None
    assert loaded.unlit is not None
    assert len(loaded.lit.triangles) == len(loaded.unlit.triangles) == 1


def test_a_mesh_without_area_has_nothing_to_see(tmp_path: Path) -> None:
    assert load_mesh(write(tmp_path, "line.obj", SQUARE + "f 1 2 2\n")) == (None, None)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=3, max_size=12, unique=True),
    st.data(),
)
def test_the_triangles_of_a_file_come_back_as_they_were(
    places: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    corners = st.integers(0, len(places) - 1)
    faces = data.draw(st.lists(st.tuples(corners, corners, corners), min_size=1, max_size=9))
    triangles = np.array(places)[np.array(faces)]
    solid = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1) > 0
    lines = [f"v {x} {y} {z}" for x, y, z in places] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
    with tempfile.TemporaryDirectory() as folder:
        mesh, unlit = load_mesh(write(Path(folder), "mesh.obj", "\n".join(lines)))
    assert unlit is None
    assert (mesh is not None) == solid.any()
    if mesh is not None:
        assert np.array_equal(mesh.positions[mesh.triangles], triangles[solid])


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("empty.obj", "", "no faces"),
        ("wrong.obj", SQUARE + "f 1 2 9\n", "can't be read"),
        ("wrong.stl", "nonsense", "not a binary STL file"),
        ("scene.dae", "<COLLADA/>", "neither OBJ nor STL"),
    ],
)
def test_a_broken_mesh_file_is_refused(name: str, text: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=word):
        load_mesh(write(tmp_path, name, text))


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "square.obj", SQUARE + "f 1 2 3\n")
    assert len(lit(path).triangles) == 1
    write(tmp_path, "square.obj", SQUARE + "f 1 2 3 4\n")
    assert len(lit(path).triangles) == 2
