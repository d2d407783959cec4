"""Reads meshes from OBJ and STL files as PyBullet reads them for TinyRenderer."""

from __future__ import annotations

import itertools
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.camera.meshes.tessellation import Mesh
from scenarios.common.errors import InputError

MESH_SUFFIXES = (".obj", ".stl")


def load_mesh(path: str) -> Mesh:
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
def _load(path: str, mtime_ns: int) -> Mesh:
    del mtime_ns  # part of the cache's key only
    return _obj(Path(path)) if path.lower().endswith(".obj") else _stl(Path(path))


def _face_normals(corners: np.ndarray) -> np.ndarray:
    """Return the unit normals of triangles, (m, 3, 3) -> (m, 3); zero for triangles without area."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)


def _mesh(corners: np.ndarray, normals: np.ndarray, uvs: np.ndarray, texture: str | None) -> Mesh:
    """Make a mesh of separate triangles: corners (m, 3, 3), normals (m, 3, 3), uvs (m, 3, 2)."""
    solid = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) > 0
    corners, normals, uvs = corners[solid], normals[solid], uvs[solid]
    vertices = np.concatenate([corners, normals, uvs], axis=2).astype(np.float32).reshape(-1, 8)
    vertices, index = np.unique(vertices, axis=0, return_inverse=True)
    flat = bool(np.all(np.abs(normals - normals[:, :1]) < 1e-4))
    triangles = index.reshape(-1, 3).astype(np.int32)
    return Mesh(vertices[:, :3].copy(), vertices[:, 3:6].copy(), vertices[:, 6:].copy(), triangles, flat, texture)


class _ObjContents(NamedTuple):
    positions: list[list[float]]
    uvs: list[list[float]]
    normals: list[list[float]]
    corners: list[tuple[int, int, int]]
    """Position, uv and normal of each corner of each triangle; -1 if not given."""
    texture: str | None


def _obj(path: Path) -> Mesh:
    contents = _parse_obj(path)
    index = np.array(contents.corners).reshape(-1, 3, 3)
    corners = np.array(contents.positions, np.float64)[index[:, :, 0]]
    uvs = np.full((len(index), 3, 2), 0.5)
    if contents.uvs:
        uvs = np.where(index[:, :, 1:2] >= 0, np.array(contents.uvs)[index[:, :, 1]], 0.5)
    normals = np.repeat(_face_normals(corners)[:, None], 3, axis=1)
    if contents.normals:
        given = np.array(contents.normals)[index[:, :, 2]]
        given /= np.maximum(np.linalg.norm(given, axis=2, keepdims=True), 1e-12)
        normals = np.where(np.all(index[:, :, 2] >= 0, axis=1)[:, None, None], given, normals)
    return _mesh(corners, normals, uvs, contents.texture)


def _parse_obj(path: Path) -> _ObjContents:
    positions: list[list[float]] = []
    uvs: list[list[float]] = []
    normals: list[list[float]] = []
    corners: list[tuple[int, int, int]] = []
    images: dict[str, str] = {}
    texture: str | None = None
    for line in path.read_text(errors="replace").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "v":
            positions.append([float(number) for number in rest.split()[:3]])
        elif word == "vt":
            uvs.append([float(number) for number in rest.split()[:2]])
        elif word == "vn":
            normals.append([float(number) for number in rest.split()[:3]])
        elif word == "f":
            polygon = [_corner(text, len(positions), len(uvs), len(normals)) for text in rest.split()]
            for second, third in itertools.pairwise(polygon[1:]):
                corners += (polygon[0], second, third)
        elif word == "mtllib":
            images |= _material_images(path.parent / rest.strip())
        elif word == "usemtl":
            texture = texture or images.get(rest.strip())  # TinyRenderer uses one texture per file: the first
    if not corners:
        raise ValueError("it has no faces")
    return _ObjContents(positions, uvs, normals, corners, texture)


def _corner(text: str, positions: int, uvs: int, normals: int) -> tuple[int, int, int]:
    """Return the zero-based indices of ``v/vt/vn``; negative ones in the file count back from the last."""
    fields = [*text.split("/"), "", ""][:3]
    found = [
        -1 if not field else int(field) - 1 if int(field) > 0 else count + int(field)
        for field, count in zip(fields, (positions, uvs, normals), strict=True)
    ]
    return found[0], found[1], found[2]


def _material_images(path: Path) -> dict[str, str]:
    """Return the diffuse image file of each material; none if the library is missing, as in PyBullet."""
    images: dict[str, str] = {}
    if not path.is_file():
        return images
    name = ""
    for line in path.read_text(errors="replace").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "newmtl":
            name = rest.strip()
        elif word == "map_Kd" and (path.parent / rest.split()[-1]).is_file():
            images[name] = str((path.parent / rest.split()[-1]).resolve())
    return images


def _stl(path: Path) -> Mesh:
    data = path.read_bytes()
    count = int.from_bytes(data[80:84], "little") if len(data) >= 84 else 0
    if len(data) == 84 + 50 * count and count > 0:
        record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])
        facets = np.frombuffer(data, record, count, 84)
        corners, normals = facets["corners"].astype(np.float64), facets["normal"].astype(np.float64)
    else:
        lines = [line.split() for line in data.decode(errors="replace").splitlines()]
        points = [[float(number) for number in words[1:4]] for words in lines if words[:1] == ["vertex"]]
        corners = np.array(points).reshape(-1, 3, 3)
        normals = np.array([[float(n) for n in words[2:5]] for words in lines if words[:2] == ["facet", "normal"]])
        if not len(corners) or len(normals) != len(corners):
            raise ValueError("it is neither a binary nor a text STL file")
    missing = np.linalg.norm(normals, axis=1) == 0
    normals[missing] = _face_normals(corners[missing])
    return _mesh(corners, np.repeat(normals[:, None], 3, axis=1), np.full((len(corners), 3, 2), 0.5), None)
