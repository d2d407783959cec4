"""All meshes in use, in one vertex buffer and one index buffer, so that one draw call can draw any of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import moderngl
import numpy as np

from envs.camera.meshes.tessellation import Mesh

_START_VERTICES = 1 << 16
_FLOATS = 8  # position, normal, uv


class MeshSlot(NamedTuple):
    """The place of a mesh in the buffers."""

    index_count: int
    first_index: int
    first_vertex: int


class MeshStore:
    """Vertex and index buffers, filled from the front; when they are full, meshes not in use are dropped.

    Attributes:
        vertices: Device buffer of (n, 8) float32.
        indices: Device buffer of int32.
        version: Changes when the buffers are replaced or meshes move in them.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.version = 0
        self._allocate(_START_VERTICES)

    def _allocate(self, capacity: int) -> None:
        self._capacity = capacity
        self._slots: dict[Mesh, MeshSlot] = {}
        self._vertex_count = self._index_count = 0
        self.vertices = self._context.buffer(reserve=capacity * 4 * _FLOATS)
        self.indices = self._context.buffer(reserve=capacity * 4 * 6)

    def ensure_loaded(self, meshes: Iterable[Mesh], in_use: Iterable[Mesh]) -> None:
        """Load meshes; if the buffers are full, keep only these meshes and those in use."""
        wanted = dict.fromkeys(meshes)
        if all(self._add(mesh) for mesh in wanted):
            return
        keep = dict.fromkeys([*wanted, *in_use])
        need = sum(max(len(mesh.positions), (len(mesh.triangles) + 1) // 2) for mesh in keep)
        capacity = self._capacity
        while capacity < 2 * need:
            capacity *= 2
        self.release()
        self.version += 1
        self._allocate(capacity)
        for mesh in keep:
            self._add(mesh)

    def slot(self, mesh: Mesh) -> MeshSlot:
        """Return the place of a loaded mesh."""
        return self._slots[mesh]

    def release(self) -> None:
        """Free the buffers."""
        self.vertices.release()
        self.indices.release()

    def _add(self, mesh: Mesh) -> bool:
        if mesh in self._slots:
            return True
        vertices = np.concatenate([mesh.positions, mesh.normals, mesh.uvs], axis=1, dtype=np.float32)
        indices = np.ascontiguousarray(mesh.triangles, np.int32).ravel()
        if self._vertex_count + len(vertices) > self._capacity or self._index_count + len(indices) > 6 * self._capacity:
            return False
        self.vertices.write(vertices, offset=self._vertex_count * 4 * _FLOATS)
        self.indices.write(indices, offset=self._index_count * 4)
        self._slots[mesh] = MeshSlot(len(indices), self._index_count, self._vertex_count)
        self._vertex_count += len(vertices)
        self._index_count += len(indices)
        return True
