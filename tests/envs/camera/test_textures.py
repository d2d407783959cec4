from __future__ import annotations

from pathlib import Path

import numpy as np
import pybullet as p
import pytest
from PIL import Image

from envs.camera import Shot, View, apply_texture, load_texture
from envs.camera.opengl import texture_atlas as atlas_module
from envs.camera.opengl.renderer import GlRenderer
from envs.camera.textures import applied_textures
from scenarios.common.errors import InputError

VIEW = View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))


def wall(client: int) -> int:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 3, 3), physicsClientId=client)
    return int(p.createMultiBody(0, -1, visual, (3, 0, 0), physicsClientId=client))


def paint(folder: Path, colour: tuple[int, int, int], size: int = 8) -> Path:
    path = folder / f"{'-'.join(map(str, colour))}-{size}.png"
    Image.new("RGB", (size, size), colour).save(path)
    return path


def test_a_texture_lives_as_long_as_its_body(client: int, tmp_path: Path) -> None:
    path = paint(tmp_path, (0, 0, 255))
    body = wall(client)
    apply_texture(client, body, load_texture(client, path))
    assert applied_textures(client, body) == {(-1, -1): str(path)}
    p.resetSimulation(physicsClientId=client)
    assert applied_textures(client, wall(client)) == {}


def test_a_texture_is_drawn_and_gone_after_reset(gl: GlRenderer, client: int, tmp_path: Path) -> None:
    shot = Shot(client, VIEW, 8, 8)
    body = wall(client)
    apply_texture(client, body, load_texture(client, paint(tmp_path, (0, 0, 255))))
    assert gl.render([shot])[0].rgb[4, 4, 0] == 0
    p.resetSimulation(physicsClientId=client)
    wall(client)
    gl.refresh(client)
    assert gl.render([shot])[0].rgb[4, 4, 0] > 100


def test_a_texture_file_that_changed_is_read_again(gl: GlRenderer, client: int, tmp_path: Path) -> None:
    path, shot = paint(tmp_path, (0, 0, 255)), Shot(client, VIEW, 8, 8)
    for colour, channel in (((0, 0, 255), 2), ((255, 0, 0), 0)):
        Image.new("RGB", (8, 8), colour).save(path)
        p.resetSimulation(physicsClientId=client)
        body = wall(client)
        apply_texture(client, body, load_texture(client, path))
        gl.refresh(client)
        assert gl.render([shot])[0].rgb[4, 4].argmax() == channel


def test_unknown_textures_and_files_are_refused(client: int, tmp_path: Path) -> None:
    body = wall(client)
    with pytest.raises(InputError, match="unknown; load it with"):
        apply_texture(client, body, 99)
    with pytest.raises(InputError, match="does not exist"):
        load_texture(client, tmp_path / "nothing.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError, match="can't be read"):
        load_texture(client, tmp_path / "text.png")


def test_more_textures_than_fit_make_room_by_dropping_old_ones(
    client: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas_module, "_WIDTH", 64)
    monkeypatch.setattr(atlas_module, "_START_HEIGHT", 64)
    renderer, shot = GlRenderer(), Shot(client, VIEW, 8, 8)
    rng = np.random.Generator(np.random.PCG64(1))
    for _ in range(12):
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        p.resetSimulation(physicsClientId=client)
        for size in (20, 30):
            body = wall(client)
            apply_texture(client, body, load_texture(client, paint(tmp_path, colour, size)))
        renderer.refresh(client)
        seen = renderer.render([shot])[0].rgb[4, 4].astype(float)
        assert np.abs(seen - np.array(colour) * seen.max() / max(colour)).max() < 4
    assert renderer._batcher.atlas.texture.size == (64, 64)
    renderer.close()
