"""Reads OBJ files as PyBullet does, whose rules are not those of the format's description."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from envs.camera.meshes.image_file import find_image_problem
from envs.camera.meshes.material_file import find_image, first_word, has_keyword, read_material_images, split_lines

_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CORNER = re.compile(rb"([+-]?\d+)(?:/(?:([+-]?\d+)(?:/([+-]?\d+))?|/([+-]?\d+)))?")
_ABSENT = -(1 << 30)  # of an index that is not given
_SHORTEST_CROSS2 = np.finfo(np.float64).eps  # of the squared cross product: a smaller triangle gets no normal


class ObjContents(NamedTuple):
    """The triangles of an OBJ file; all arrays (m, 3, ...) float64."""

    corners: np.ndarray  # (m, 3, 3)
    normals: np.ndarray  # (m, 3, 3), unit vectors, or without a length where there is none
    uvs: np.ndarray  # (m, 3, 2)
    texture: str | None  # image file of the first material that has one which PyBullet reads


@dataclass
class _Parsed:
    """What was read so far."""

    folder: bytes
    positions: list[list[float]] = field(default_factory=list)
    uvs: list[list[float]] = field(default_factory=list)
    normals: list[list[float]] = field(default_factory=list)
    corners: list[tuple[int, int, int]] = field(default_factory=list)
    library: dict[bytes, bytes] = field(default_factory=dict)
    image: bytes = b""  # of the current material
    group_begin: int = 0  # number of corners before the current group
    images: list[bytes] = field(default_factory=list)  # of each group's last material


def read_obj(path: Path) -> ObjContents:
    """Read an OBJ file.

    Raises:
        ValueError: It has no faces, or one that PyBullet can't read.
        IndexError: A face names a vertex that the file doesn't have.
    """
    parsed = _Parsed(os.path.join(os.fsencode(path.parent), b""))
    for line in split_lines(path.read_bytes()):
        _read_line(parsed, line)
    _end_group(parsed)
    if not parsed.corners:
        raise ValueError("it has no faces")
    index = np.array(parsed.corners).reshape(-1, 3, 3)
    positions = np.array(parsed.positions, np.float64)
    if index[:, :, 0].min() < 0 or index[:, :, 0].max() >= len(positions):
        raise IndexError(f"a face names a vertex that is not among its {len(positions)}")
    corners = positions[index[:, :, 0]]
    return ObjContents(corners, _normals(parsed, index, corners), _uvs(parsed, index), _texture(parsed))


def _read_line(parsed: _Parsed, line: bytes) -> None:
    if has_keyword(line, b"v"):
        parsed.positions.append(_numbers(line[2:], 3))
    elif has_keyword(line, b"vt"):
        parsed.uvs.append(_numbers(line[3:], 2))
    elif has_keyword(line, b"vn"):
        parsed.normals.append(_numbers(line[3:], 3))
    elif has_keyword(line, b"f"):
        polygon = [_corner(word, parsed) for word in line[2:].split()]
        for second, third in itertools.pairwise(polygon[1:]):
            parsed.corners += (polygon[0], second, third)
    elif has_keyword(line, b"usemtl"):
        parsed.image = parsed.library.get(first_word(line[7:]), b"")
    elif has_keyword(line, b"mtllib"):
        parsed.library = read_material_images(parsed.folder + first_word(line[7:]))
    elif has_keyword(line, b"g") or has_keyword(line, b"o"):
        _end_group(parsed)


def _end_group(parsed: _Parsed) -> None:
    """End a group of faces, all of which get the material that was named last."""
    if len(parsed.corners) > parsed.group_begin:
        parsed.images.append(parsed.image)
        parsed.group_begin = len(parsed.corners)


def _numbers(text: bytes, count: int) -> list[float]:
    """Return numbers as C's atof reads them: 0 for what is missing or no number."""
    words = text.split()[:count]
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        found = [_NUMBER.match(word) for word in words]
        numbers = [float(match.group()) if match else 0.0 for match in found]
    return numbers + [0.0] * (count - len(numbers))


def _corner(word: bytes, parsed: _Parsed) -> tuple[int, int, int]:
    """Return the zero-based indices of ``v/vt/vn``; negative ones in the file count back from the last."""
    match = _CORNER.fullmatch(word)
    if match is None:
        raise ValueError(f"a face has the corner '{word.decode(errors='replace')}', which PyBullet can't read")
    counts = len(parsed.positions), len(parsed.uvs), len(parsed.normals)
    texts = match[1], match[2], match[3] or match[4]
    position, uv, normal = (
        _zero_based(int(text), count) if text else _ABSENT for text, count in zip(texts, counts, strict=True)
    )
    return position, uv, normal


def _zero_based(index: int, count: int) -> int:
    if index == 0:
        raise ValueError("a face has the index 0; indices begin at 1")
    return index - 1 if index > 0 else count + index


def _uvs(parsed: _Parsed, index: np.ndarray) -> np.ndarray:
    """Return (m, 3, 2): the middle of the image if the file has no vt at all, its origin where one is missing."""
    if not parsed.uvs:
        return np.full((len(index), 3, 2), 0.5)
    given = np.array(parsed.uvs, np.float64)
    chosen = index[:, :, 1]
    known = (chosen >= 0) & (chosen < len(given))
    return np.where(known[:, :, None], given[np.where(known, chosen, 0)], 0.0)


def _normals(parsed: _Parsed, index: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return (m, 3, 3): those of the file where all three corners have one, elsewhere that of the face."""
    normals = np.repeat(_face_normals(corners)[:, None], 3, axis=1)
    if not parsed.normals:
        return normals
    given = np.array(parsed.normals, np.float64)
    chosen = index[:, :, 2]
    known = ((chosen >= 0) & (chosen < len(given))).all(axis=1, keepdims=True)  # (m, 1)
    own = given[np.where(known, chosen, 0)]
    own /= np.maximum(np.linalg.norm(own, axis=2, keepdims=True), 1e-12)
    return np.where(np.expand_dims(known, 2), own, normals)


def _face_normals(corners: np.ndarray) -> np.ndarray:
    """Return the unit normals of triangles, (m, 3, 3) -> (m, 3); without a length for those that are too small."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths**2 > _SHORTEST_CROSS2)


def _texture(parsed: _Parsed) -> str | None:
    """Return the image of the first group whose image PyBullet can read."""
    for name in parsed.images:
        file = find_image(parsed.folder, name) if name else None
        if file is not None and not find_image_problem(file):
            return file
    return None
