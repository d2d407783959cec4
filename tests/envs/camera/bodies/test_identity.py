from __future__ import annotations

from pathlib import Path

import pybullet as p
from PIL import Image

from envs.camera import apply_texture, load_texture
from envs.camera.bodies.identity import body_ids, find_all_bodies, find_mark, mark_body, read_looks


def box(client: int, edge_m: float = 0.2) -> int:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(edge_m,) * 3, physicsClientId=client)
    return int(p.createMultiBody(0, -1, visual, (2, 0, 0), physicsClientId=client))


def test_body_ids_are_those_of_the_bodies_that_are_left(client: int) -> None:
    first, second, third = box(client), box(client), box(client)
    p.removeBody(second, physicsClientId=client)
    assert body_ids(client) == (first, third)


def test_a_mark_lives_as_long_as_its_body(client: int) -> None:
    marks = []
    for end in (lambda body: p.removeBody(body, client), lambda _: p.resetSimulation(physicsClientId=client)):
        body = box(client)
        assert find_mark(client, body) == ""
        marks.append(mark_body(client, body))
        assert mark_body(client, body) == find_mark(client, body) == marks[-1]
        end(body)
    assert find_mark(client, box(client)) == ""
    assert len(set(marks)) == 2


def test_bodies_made_in_a_batch_are_found_and_notes_are_kept(client: int) -> None:
    mark = mark_body(client, box(client))
    visual = p.createVisualShape(p.GEOM_SPHERE, radius=0.1, physicsClientId=client)
    p.createMultiBody(0, -1, visual, batchPositions=[(x, 0, 0) for x in range(20)], physicsClientId=client)
    find_all_bodies(client)
    assert len(body_ids(client)) == 21
    assert find_mark(client, 0) == mark


def test_looks_change_with_all_that_changes_a_picture_and_with_nothing_else(client: int, tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "black.png")
    body = box(client)
    seen = [read_looks(client)]
    p.resetBasePositionAndOrientation(body, (3, 0, 0), (0, 0, 0, 1), client)
    p.stepSimulation(client)
    assert read_looks(client) == seen[0]
    for change in (
        lambda: p.changeVisualShape(body, -1, rgbaColor=(1, 0, 0, 1), physicsClientId=client),
        lambda: apply_texture(client, body, load_texture(client, tmp_path / "black.png")),
        lambda: box(client),
        lambda: (p.removeBody(body, client), box(client)),
        lambda: (p.resetSimulation(physicsClientId=client), box(client), box(client)),
    ):
        change()
        seen.append(read_looks(client))
        assert seen[-1] not in seen[:-1]
