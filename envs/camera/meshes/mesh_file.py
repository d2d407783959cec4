"""Reads meshes from OBJ and STL files as PyBullet reads them for TinyRenderer."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.camera.meshes.obj_file import read_obj
from envs.camera.meshes.stl_file import read_stl
from envs.camera.meshes.tessellation import Mesh
from scenarios.common.errors import InputError

MESH_SUFFIXES = (".obj", ".stl")


class LoadedMesh(NamedTuple):
    """The triangles of a file.

    Attributes:
        lit: Those with normals; None if there are none.
        unlit: Those without, which TinyRenderer draws black; None if there are none.
    """

    lit: Mesh | None
    unlit: Mesh | None


def load_mesh(path: str) -> LoadedMesh:
    """Read a mesh file, or return the mesh in memory if the file has not changed.

    Raises:
        InputError: The file does not exist, has another format, or is broken.
    """
    file = Path(path)
    if file.suffix.lower() not in MESH_SUFFIXES:
        raise InputError(f"mesh file '{path}' is neither OBJ nor STL, the formats that the GL renderer reads")
    try:
        return _load(path, file.stat().st_mtime_ns)
    except (OSError, ValueError, IndexError) as failure:
        raise InputError(f"mesh file '{path}' can't be read: {failure}") from None


@lru_cache(maxsize=128)
def _load(path: str, mtime_ns: int) -> LoadedMesh:
    del mtime_ns  # part of the cache's key only
    if path.lower().endswith(".obj"):
        corners, normals, uvs, texture = read_obj(Path(path))
    else:
        corners, normals = read_stl(Path(path))
        uvs, texture = np.full((len(corners), 3, 2), 0.5), None
    solid = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) > 0
    lit = np.linalg.norm(normals, axis=2).all(axis=1)  # a corner without a normal darkens the triangle
    return LoadedMesh(
        *(
            _mesh(corners[rows], normals[rows], uvs[rows], texture) if rows.any() else None
            for rows in (solid & lit, solid & ~lit)
        )
    )


def _mesh(corners: np.ndarray, normals: np.ndarray, uvs: np.ndarray, texture: str | None) -> Mesh:
    """Make a mesh of separate triangles: corners (m, 3, 3), normals (m, 3, 3), uvs (m, 3, 2)."""
    vertices = np.concatenate([corners, normals, uvs], axis=2).astype(np.float32).reshape(-1, 8)
    vertices, index = np.unique(vertices, axis=0, return_inverse=True)
    flat = bool(np.all(np.abs(normals - normals[:, :1]) < 1e-4))
    triangles = index.reshape(-1, 3).astype(np.int32)
    return Mesh(vertices[:, :3].copy(), vertices[:, 3:6].copy(), vertices[:, 6:].copy(), triangles, flat, texture)
