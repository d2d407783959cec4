"""Reads STL files as PyBullet does."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])


def read_stl(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a binary STL file: corners (m, 3, 3) and normals (m, 3, 3) float64; without a length where none is given.

    Raises:
        ValueError: It is no binary STL file; PyBullet's own renderer draws no text ones.
    """
    data = path.read_bytes()
    count = int.from_bytes(data[80:84], "little") if len(data) >= 84 else 0
    if not count > 0 or len(data) != 84 + 50 * count:
        raise ValueError("it is not a binary STL file, the kind that PyBullet's own renderer draws")
    facets = np.frombuffer(data, _FACET, count, 84)
    normals = facets["normal"].astype(np.float64)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return facets["corners"].astype(np.float64), np.repeat(normals[:, None], 3, axis=1)
