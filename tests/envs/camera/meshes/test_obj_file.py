from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from envs.camera.meshes.obj_file import read_obj

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def write(folder: Path, text: str) -> Path:
    (folder / "mesh.obj").write_text(text)
    return folder / "mesh.obj"


@pytest.mark.parametrize(
    "text", [SQUARE.replace(" ", "\t"), SQUARE.replace("v ", "  v   "), SQUARE.replace("\n", "\r\n")]
)
def test_blanks_and_line_ends_make_no_difference(text: str, tmp_path: Path) -> None:
    wanted = read_obj(write(tmp_path, SQUARE + "f 1 2 3 4\n")).corners
    assert np.array_equal(read_obj(write(tmp_path, text + "f\t1\t2 3\t4\n")).corners, wanted)


def test_numbers_are_read_as_c_reads_them(tmp_path: Path) -> None:
    corners = read_obj(write(tmp_path, "v 1 2\nv 1e1x .5 -3,5\nv a b 7\nf 1 2 3\n")).corners
    assert corners.tolist() == [[[1, 2, 0], [10, 0.5, -3], [0, 0, 7]]]


def test_corners_without_vt_lie_at_the_origin_of_the_image_if_others_have_one(tmp_path: Path) -> None:
    uvs = read_obj(write(tmp_path, SQUARE + "vt 0.3 0.4\nf 1/1 2 3/9\n")).uvs
    assert uvs.tolist() == [[[0.3, 0.4], [0, 0], [0, 0]]]
    assert (read_obj(write(tmp_path, SQUARE + "f 1 2 3\n")).uvs == 0.5).all()


def test_a_triangle_has_the_normals_of_the_file_only_if_all_corners_have_one(tmp_path: Path) -> None:
    text = SQUARE + "vn 0 2 0\nf 1//1 2//1 3//1\nf 1//1 2//1 3\nf 1//1 2//1 3//7\n"
    normals = read_obj(write(tmp_path, text)).normals
    assert normals[:, 0].tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_a_very_small_triangle_gets_no_normal(tmp_path: Path) -> None:
    assert (read_obj(write(tmp_path, "v 0 0 0\nv 1e-4 0 0\nv 0 1e-4 0\nf 1 2 3\n")).normals == 0).all()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    for name in ("t", "u"):
        Image.new("RGB", (2, 2)).save(tmp_path / f"{name}.png")
    (tmp_path / "empty.png").touch()
    library = "newmtl t\nmap_Kd t.png\nnewmtl u\nmap_Kd u.png\nnewmtl e\nmap_Kd empty.png\nnewmtl plain\nKd 1 0 0\n"
    (tmp_path / "m.mtl").write_text(library)
    return tmp_path


@pytest.mark.parametrize(
    ("groups", "name"),
    [
        ("usemtl t\nf 1 2 3\n", "t.png"),
        ("usemtl t\nf 1 2 3\nusemtl u\nf 1 3 4\n", "u.png"),  # the last material of a group counts
        ("usemtl t\nf 1 2 3\nusemtl plain\n", None),
        ("usemtl plain\nf 1 2 3\ng next\nusemtl t\nf 1 3 4\n", "t.png"),  # and the first group with an image
        ("usemtl t\nf 1 2 3\no next\nusemtl u\nf 1 3 4\n", "t.png"),
        ("usemtl e\nf 1 2 3\ng next\nusemtl u\nf 1 3 4\n", "u.png"),  # that PyBullet can read
        ("g first\nusemtl t\ng next\nusemtl u\nf 1 2 3\n", "u.png"),  # and that has faces
        ("usemtl t\nf 1 2 3\nusemtl nothing\n", None),
        ("usemtl t\nmtllib nothing.mtl\nf 1 2 3\n", "t.png"),
        ("mtllib nothing.mtl\nusemtl t\nf 1 2 3\n", None),
    ],
)
def test_a_mesh_has_the_texture_that_pybullet_gives_it(groups: str, name: str | None, images: Path) -> None:
    texture = read_obj(write(images, f"mtllib m.mtl\n{SQUARE}{groups}")).texture
    assert texture == (name and str(images / name))


@pytest.mark.parametrize(
    ("faces", "problem"),
    [
        ("", "no faces"),
        ("f 1 2\n", "no faces"),
        ("f 0 1 2\n", "index 0"),
        ("f 1 2 9\n", "not among its 4"),
        ("f -9 1 2\n", "not among its 4"),
        ("f 1/ 2/ 3/\n", "corner '1/'"),
        ("f a b c\n", "corner 'a'"),
    ],
)
def test_faces_that_pybullet_can_not_draw_are_refused(faces: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, IndexError), match=problem):
        read_obj(write(tmp_path, SQUARE + faces))
