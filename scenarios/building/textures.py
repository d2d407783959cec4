"""Procedural textures of floors, walls and boxes. Pure NumPy, the same bytes on every machine.

A floor's texture covers about 10 m x 3 m, a wall's about 8 m x 2.5 m (bottom of the wall in the bottom row); both are
stretched to the item that they cover. Contrasts are low and features large, because cameras sample the nearest texel.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from scenarios.common.errors import unknown_name

FLOOR_SIZE = (192, 640)  # rows, columns
WALL_SIZE = (160, 512)


def _noise(rng: np.random.Generator, shape: tuple[int, int], cell: int) -> np.ndarray:
    """Return smooth noise in [-1, 1]: a coarse random grid, interpolated."""
    rows, columns = shape
    coarse = rng.uniform(-1, 1, (rows // cell + 2, columns // cell + 2))
    y, x = np.arange(rows) / cell, np.arange(columns) / cell
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[:, None], (x - ix)[None, :]
    top = coarse[np.ix_(iy, ix)] * (1 - fx) + coarse[np.ix_(iy, ix + 1)] * fx
    bottom = coarse[np.ix_(iy + 1, ix)] * (1 - fx) + coarse[np.ix_(iy + 1, ix + 1)] * fx
    return top * (1 - fy) + bottom * fy


def _paint(base: tuple[int, int, int], variation: np.ndarray) -> np.ndarray:
    """Return an image (H, W, 3) of a base colour with its brightness multiplied by 1 + variation."""
    return np.array(base, dtype=float) * (1.0 + variation[..., None])


def _planks(rng: np.random.Generator) -> np.ndarray:
    rows, columns = FLOOR_SIZE
    variation = 0.05 * _noise(rng, FLOOR_SIZE, 8)
    board = 16
    for row in range(0, rows, board):
        joints = np.concatenate([[0], np.sort(rng.integers(0, columns, 5)), [columns]])
        for left, right in itertools.pairwise(joints):
            variation[row : row + board, left:right] += rng.uniform(-0.13, 0.10)
            variation[row : row + board, left : left + 1] -= 0.25
        variation[row] -= 0.28
    return _paint((176, 130, 84), variation)


def _tiles(rng: np.random.Generator) -> np.ndarray:
    rows, columns = FLOOR_SIZE
    variation = 0.02 * _noise(rng, FLOOR_SIZE, 6)
    for row in range(0, rows, 32):
        for column in range(0, columns, 32):
            variation[row : row + 32, column : column + 32] += rng.uniform(-0.05, 0.05)
    variation[::32] = variation[1::32] = -0.28
    variation[:, ::32] = variation[:, 1::32] = -0.28
    return _paint((186, 188, 186), variation)


def _checker(rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.indices(FLOOR_SIZE) // 32
    return _paint((176, 176, 168), np.where((rows + columns) % 2, 0.10, -0.22) + 0.02 * _noise(rng, FLOOR_SIZE, 8))


def _concrete(rng: np.random.Generator) -> np.ndarray:
    variation = 0.09 * _noise(rng, FLOOR_SIZE, 48) + 0.05 * _noise(rng, FLOOR_SIZE, 12)
    variation[:, ::160] -= 0.20
    return _paint((148, 146, 142), variation)


def _carpet(rng: np.random.Generator) -> np.ndarray:
    variation = 0.07 * _noise(rng, FLOOR_SIZE, 5) + 0.05 * _noise(rng, FLOOR_SIZE, 32)
    picture = _paint((88, 104, 136), variation)
    picture[12:20], picture[-20:-12] = (186, 172, 128), (186, 172, 128)
    return picture


def _terrazzo(rng: np.random.Generator) -> np.ndarray:
    picture = _paint((206, 198, 186), 0.03 * _noise(rng, FLOOR_SIZE, 24))
    for colour in ((150, 110, 96), (120, 122, 124), (232, 226, 214)):
        for row, column in zip(rng.integers(2, 188, 260), rng.integers(2, 636, 260), strict=True):
            picture[row : row + 3, column : column + 4] = colour
    return picture


def _plaster(rng: np.random.Generator) -> np.ndarray:
    return _paint((222, 216, 204), 0.03 * _noise(rng, WALL_SIZE, 40) + 0.015 * _noise(rng, WALL_SIZE, 8))


def _wainscot(rng: np.random.Generator) -> np.ndarray:
    picture = _plaster(rng)
    split = WALL_SIZE[0] - 62  # about a metre above the floor
    picture[split:] = _paint((122, 146, 140), 0.03 * _noise(rng, (62, WALL_SIZE[1]), 20))
    picture[split - 4 : split] = (94, 74, 56)
    return picture


def _brick(rng: np.random.Generator) -> np.ndarray:
    rows, columns = WALL_SIZE
    variation = 0.04 * _noise(rng, WALL_SIZE, 6)
    picture = _paint((168, 96, 74), variation)
    mortar = np.array((188, 178, 166), dtype=float)
    for course, row in enumerate(range(0, rows, 8)):
        shift = 10 * (course % 2)
        for column in range(-20 + shift, columns, 20):
            span = slice(max(column, 0), max(column + 20, 0))
            picture[row : row + 8, span] *= 1.0 + rng.uniform(-0.12, 0.12)
            picture[row : row + 8, max(column, 0) : max(column + 2, 0)] = mortar
        picture[row : row + 2] = mortar
    return picture


def _panels(rng: np.random.Generator) -> np.ndarray:
    variation = 0.03 * _noise(rng, WALL_SIZE, 24)
    for column in range(0, WALL_SIZE[1], 64):
        variation[:, column : column + 64] += rng.uniform(-0.05, 0.05)
        variation[:, column : column + 2] -= 0.20
    variation[78:80] -= 0.15
    return _paint((198, 202, 208), variation)


def _stripes(rng: np.random.Generator) -> np.ndarray:
    picture = _paint((226, 224, 214), 0.02 * _noise(rng, WALL_SIZE, 24))
    picture[WALL_SIZE[0] - 78 : WALL_SIZE[0] - 66] = (60, 104, 160)
    picture[WALL_SIZE[0] - 62 : WALL_SIZE[0] - 58] = (60, 104, 160)
    return picture


def _crate(rng: np.random.Generator) -> np.ndarray:
    """Paint a neutral box with a frame and tape, which shows the item's colour and has visible edges."""
    variation = 0.03 * _noise(rng, (64, 64), 8)
    variation[:3] = variation[-3:] = -0.16
    variation[:, :3] = variation[:, -3:] = -0.16
    variation[28:36, 3:-3] -= 0.09
    return _paint((244, 244, 244), variation)


_TEXTURE_GENERATORS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "floor/planks": _planks,
    "floor/tiles": _tiles,
    "floor/checker": _checker,
    "floor/concrete": _concrete,
    "floor/carpet": _carpet,
    "floor/terrazzo": _terrazzo,
    "wall/plaster": _plaster,
    "wall/wainscot": _wainscot,
    "wall/brick": _brick,
    "wall/panels": _panels,
    "wall/stripes": _stripes,
    "box/crate": _crate,
}

FLOOR_LOOKS = tuple(name for name in _TEXTURE_GENERATORS if name.startswith("floor/"))
WALL_LOOKS = tuple(name for name in _TEXTURE_GENERATORS if name.startswith("wall/"))


def generate_texture(name: str) -> np.ndarray:
    """Generate the named texture, (H, W, 3) uint8 RGB.

    Raises:
        InputError: If the name is unknown.
    """
    if name not in _TEXTURE_GENERATORS:
        raise unknown_name("look", name, _TEXTURE_GENERATORS)
    rng = np.random.Generator(np.random.PCG64(list(_TEXTURE_GENERATORS).index(name)))
    return np.clip(_TEXTURE_GENERATORS[name](rng), 0, 255).astype(np.uint8)
