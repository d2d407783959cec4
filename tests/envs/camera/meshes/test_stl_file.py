from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from envs.camera.meshes.stl_file import read_stl

TEXT = (
    "solid s\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n"
)


def write(folder: Path, normal: tuple[float, float, float], count: int = 1) -> Path:
    facet = struct.pack("<12fH", *normal, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    (folder / "mesh.stl").write_bytes(bytes(80) + struct.pack("<I", count) + facet)
    return folder / "mesh.stl"


def test_corners_and_normals_are_those_of_the_file_at_length_one(tmp_path: Path) -> None:
    corners, normals = read_stl(write(tmp_path, (0, 3, 4)))
    assert np.array_equal(corners, [[(0, 0, 0), (1, 0, 0), (0, 1, 0)]])
    assert np.allclose(normals, (0, 0.6, 0.8))


def test_a_normal_without_length_stays_so(tmp_path: Path) -> None:
    """PyBullet computes none, and draws the triangle black."""
    assert (read_stl(write(tmp_path, (0, 0, 0)))[1] == 0).all()


@pytest.mark.parametrize("count", [0, 2])
def test_a_wrong_count_is_refused(count: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a binary STL"):
        read_stl(write(tmp_path, (0, 0, 1), count))


def test_a_text_file_is_refused_as_pybullet_refuses_it(tmp_path: Path) -> None:
    (tmp_path / "text.stl").write_text(TEXT)
    with pytest.raises(ValueError, match="not a binary STL"):
        read_stl(tmp_path / "text.stl")
