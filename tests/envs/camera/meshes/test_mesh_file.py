from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from envs.camera.meshes.mesh_file import load_mesh
from scenarios.common.errors import InputError

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_polygons_become_triangles_with_face_normals(tmp_path: Path) -> None:
    mesh = load_mesh(write(tmp_path, "square.obj", SQUARE + "f 1 2 3 4\n"))
    assert len(mesh.triangles) == 2
    assert mesh.flat
    assert np.allclose(mesh.normals, (0, 0, 1))
    assert np.allclose(mesh.uvs, 0.5)


def test_indices_may_count_from_the_end_and_carry_uvs_and_normals(tmp_path: Path) -> None:
    text = SQUARE + "vt 0 0\nvt 1 0\nvt 1 1\nvn 0 0.6 0.8\nvn 0 0 2\nf -4/1/1 -3/2/1 -2/3/2\n"
    mesh = load_mesh(write(tmp_path, "corner.obj", text))
    assert not mesh.flat
    order = [
        int(np.flatnonzero((mesh.positions == place).all(axis=1))[0]) for place in ((0, 0, 0), (1, 0, 0), (1, 1, 0))
    ]
    assert np.allclose(mesh.uvs[order], [(0, 0), (1, 0), (1, 1)])
    assert np.allclose(mesh.normals[order], [(0, 0.6, 0.8), (0, 0.6, 0.8), (0, 0, 1)])


def test_the_first_image_of_the_materials_is_the_texture(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "skin.png")
    write(tmp_path, "square.mtl", "newmtl plain\nKd 1 0 0\nnewmtl skin\nmap_Kd skin.png\n")
    text = "mtllib square.mtl\n" + SQUARE + "usemtl plain\nf 1 2 3\nusemtl skin\nf 1 3 4\n"
    assert load_mesh(write(tmp_path, "square.obj", text)).texture == str(tmp_path / "skin.png")


def test_both_kinds_of_stl_give_the_same_mesh(tmp_path: Path) -> None:
    loop = "outer loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\n"
    text = f"solid s\nfacet normal 0 0 1\n{loop}endfacet\nendsolid\n"
    words = load_mesh(write(tmp_path, "text.stl", text))
    facet = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    (tmp_path / "binary.stl").write_bytes(bytes(80) + struct.pack("<I", 1) + facet)
    binary = load_mesh(str(tmp_path / "binary.stl"))
    for field in ("positions", "normals", "uvs", "triangles"):
        assert np.array_equal(getattr(words, field), getattr(binary, field))


def test_triangles_without_area_are_dropped(tmp_path: Path) -> None:
    mesh = load_mesh(write(tmp_path, "square.obj", SQUARE + "f 1 2 3\nf 1 2 2\nf 1 1 1\n"))
    assert len(mesh.triangles) == 1
    assert mesh.flat


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
        mesh = load_mesh(write(Path(folder), "mesh.obj", "\n".join(lines)))
    assert np.array_equal(mesh.positions[mesh.triangles], triangles[solid])


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("empty.obj", "", "no faces"),
        ("wrong.obj", SQUARE + "f 1 2 9\n", "can't be read"),
        ("wrong.stl", "nonsense", "neither a binary nor a text STL"),
        ("scene.dae", "<COLLADA/>", "neither OBJ nor STL"),
    ],
)
def test_a_broken_mesh_file_is_refused(name: str, text: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=word):
        load_mesh(write(tmp_path, name, text))


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "square.obj", SQUARE + "f 1 2 3\n")
    assert len(load_mesh(path).triangles) == 1
    write(tmp_path, "square.obj", SQUARE + "f 1 2 3 4\n")
    assert len(load_mesh(path).triangles) == 2
