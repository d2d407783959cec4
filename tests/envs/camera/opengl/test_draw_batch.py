from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import moderngl
import numpy as np
import pybullet as p
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.camera import apply_texture, load_texture
from envs.camera.opengl import mesh_store as store_module
from envs.camera.opengl.draw_batch import CASTER_RADIUS_M, DrawBatch, DrawBatcher, LoadedScene, pose_row_offsets

from ..conftest import Builder


@pytest.fixture
def batcher(context: moderngl.Context) -> Iterator[DrawBatcher]:
    made = DrawBatcher(context)
    yield made
    made.release()


def add(client: int, shape: int, **geometry: Any) -> int:
    visual = p.createVisualShape(shape, physicsClientId=client, **geometry)
    return int(p.createMultiBody(0, -1, visual, physicsClientId=client))


def commands(batch: DrawBatch) -> np.ndarray:
    """All commands, (n, 5): index count, instance count, first index, first vertex, first instance."""
    read = [np.frombuffer(draw.commands.read(), np.uint32).reshape(-1, 5) for draw in batch.draws]
    return np.concatenate([np.zeros((0, 5), np.uint32), *read])


@given(st.lists(st.integers(0, 5), min_size=1), st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_pose_rows_are_those_of_the_distinct_scenes_one_after_another(order: list[int], frames: list[int]) -> None:
    scenes = [
        LoadedScene(cast(Any, SimpleNamespace(frames=frames[version])), version, np.zeros(0)) for version in order
    ]
    laid = [version for version in dict.fromkeys(order) for _ in range(frames[version])]
    assert [
        laid[first : first + frames[version]] for first, version in zip(pose_row_offsets(scenes), order, strict=True)
    ] == [[version] * frames[version] for version in order]


@pytest.mark.parametrize("name", ["rgb", "more", "high_quality", "section"])
def test_every_part_of_every_scene_is_drawn_once(name: str, batcher: DrawBatcher, client: int, build: Builder) -> None:
    build(client)
    loaded = LoadedScene.read(client, itertools.count())
    for tiles in (1, 3):
        batch = batcher.batch(name, [loaded] * tiles, [loaded])
        assert commands(batch)[:, 1].sum() == tiles * len(loaded.scene.parts)


def test_only_chosen_parts_are_drawn(batcher: DrawBatcher, client: int, build: Builder) -> None:
    build(client)
    loaded = LoadedScene.read(client, itertools.count())
    batch = batcher.batch("high_quality", [loaded], [loaded])
    order = np.concatenate([draw.parts for draw in batch.draws])
    assert sorted(order) == list(range(len(loaded.scene.parts)))
    chosen = np.arange(len(order)) % 2 == 0
    batch.render_some(chosen)
    for draw in batch.draws:
        kept = chosen[draw.parts]
        wanted = draw.contents[kept].tobytes()
        assert draw.instances.read()[: len(wanted)] == wanted


def test_large_parts_cast_no_shadow(batcher: DrawBatcher, client: int) -> None:
    for radius in (0.5 * CASTER_RADIUS_M, 0.9 * CASTER_RADIUS_M, 1.1 * CASTER_RADIUS_M):
        add(client, p.GEOM_SPHERE, radius=radius)
    loaded = LoadedScene.read(client, itertools.count())
    assert commands(batcher.batch("shadow", [loaded], [loaded]))[:, 1].sum() == 2


def test_parts_of_one_mesh_and_kind_share_a_command(batcher: DrawBatcher, client: int, files: Path) -> None:
    boxes = [add(client, p.GEOM_BOX, halfExtents=(0.1 * number,) * 3) for number in range(1, 4)]
    add(client, p.GEOM_SPHERE, radius=0.2)
    apply_texture(client, boxes[0], load_texture(client, files / "floor.png"))
    loaded = LoadedScene.read(client, itertools.count())
    assert sorted(commands(batcher.batch("rgb", [loaded], [loaded]))[:, 1]) == [1, 1, 2]
    assert sorted(commands(batcher.batch("section", [loaded], [loaded]))[:, 1]) == [1, 3]


def test_a_scene_without_parts_draws_nothing(batcher: DrawBatcher, client: int) -> None:
    loaded = LoadedScene.read(client, itertools.count())
    assert batcher.batch("rgb", [loaded], [loaded]).draws == ()


def test_a_batch_is_kept_until_the_scene_is_read_again(batcher: DrawBatcher, client: int) -> None:
    add(client, p.GEOM_SPHERE, radius=0.2)
    versions = itertools.count()
    loaded = LoadedScene.read(client, versions)
    batch = batcher.batch("rgb", [loaded], [loaded])
    assert batcher.batch("rgb", [loaded], [loaded]) is batch
    assert batcher.batch("more", [loaded], [loaded]) is not batch
    again = LoadedScene.read(client, versions)
    assert batcher.batch("rgb", [again], [again]) is not batch


def test_batches_that_point_to_moved_meshes_are_made_anew(
    context: moderngl.Context, client: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_START_VERTICES", 64)
    batcher, versions = DrawBatcher(context), itertools.count()
    add(client, p.GEOM_BOX, halfExtents=(1, 1, 1))
    first = LoadedScene.read(client, versions)
    before = batcher.batch("rgb", [first], [first])
    add(client, p.GEOM_CAPSULE, radius=0.2, length=0.5)
    second = LoadedScene.read(client, versions)
    batcher.batch("high_quality", [second], [first, second])  # its fine mesh has more than 64 vertices
    assert batcher.batch("rgb", [first], [first, second]) is not before
    batcher.release()
