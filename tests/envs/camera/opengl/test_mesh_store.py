from __future__ import annotations

import moderngl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.camera.meshes.tessellation import Mesh
from envs.camera.opengl import mesh_store as store_module
from envs.camera.opengl.mesh_store import MeshStore


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buffers for 32 vertices and 192 indices."""
    monkeypatch.setattr(store_module, "_START_VERTICES", 32)


def mesh(vertices: int, triangles: int) -> Mesh:
    rng = np.random.Generator(np.random.PCG64(100 * vertices + triangles))
    numbers = rng.normal(size=(vertices, 8)).astype(np.float32)
    index = rng.integers(0, vertices, (triangles, 3)).astype(np.int32)
    return Mesh(numbers[:, :3], numbers[:, 3:6], numbers[:, 6:], index, flat=False)


def assert_stored(store: MeshStore, wanted: Mesh) -> None:
    """The corners that a draw command of the slot fetches are those of the mesh."""
    index_count, first_index, first_vertex = store.slot(wanted)
    vertices = np.frombuffer(store.vertices.read(), np.float32).reshape(-1, 8)
    index = np.frombuffer(store.indices.read(), np.int32)[first_index : first_index + index_count] + first_vertex
    expected = np.concatenate([wanted.positions, wanted.normals, wanted.uvs], axis=1)
    assert np.array_equal(vertices[index], expected[wanted.triangles.ravel()])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 90)), min_size=1, max_size=8))
@pytest.mark.usefixtures("small")
def test_every_mesh_is_whole_whatever_else_is_loaded(context: moderngl.Context, sizes: list[tuple[int, int]]) -> None:
    store = MeshStore(context)
    meshes = [mesh(*size) for size in sizes]
    for number, wanted in enumerate(meshes):
        store.ensure_loaded([wanted], meshes[:number])
    for wanted in meshes:
        assert_stored(store, wanted)
    store.release()


@pytest.mark.usefixtures("small")
def test_full_buffers_drop_what_is_not_in_use_and_say_that_meshes_moved(context: moderngl.Context) -> None:
    store = MeshStore(context)
    first, second, third = mesh(16, 4), mesh(16, 5), mesh(8, 6)
    store.ensure_loaded([first, second], [])
    assert store.version == 0
    store.ensure_loaded([third], [second])
    assert store.version == 1
    for wanted in (second, third):
        assert_stored(store, wanted)
    with pytest.raises(KeyError):
        store.slot(first)
    store.release()


def test_a_mesh_is_stored_once(context: moderngl.Context) -> None:
    store = MeshStore(context)
    first, second = mesh(5, 3), mesh(5, 4)
    store.ensure_loaded([first, first], [])
    store.ensure_loaded([first, second], [first])
    assert store.slot(first) == (9, 0, 0)
    assert store.slot(second) == (12, 9, 5)
    store.release()
