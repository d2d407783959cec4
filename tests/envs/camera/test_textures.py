from __future__ import annotations

from pathlib import Path

import pybullet as p
import pytest
from PIL import Image

from envs.camera import Shot, View, apply_texture, load_texture
from envs.camera.opengl.renderer import GlRenderer
from envs.camera.textures import applied_textures, record_texture
from envs.camera.tiny import TinyRenderer
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


def test_a_texture_of_the_link_replaces_those_of_its_shapes(client: int, tmp_path: Path) -> None:
    body = wall(client)
    blue, red = (load_texture(client, paint(tmp_path, colour)) for colour in ((0, 0, 255), (255, 0, 0)))
    apply_texture(client, body, blue, shape=0)
    apply_texture(client, body, red)
    assert applied_textures(client, body) == {(-1, -1): str(paint(tmp_path, (255, 0, 0)))}
    apply_texture(client, body, blue, shape=0)
    assert applied_textures(client, body)[-1, 0] == str(paint(tmp_path, (0, 0, 255)))


def test_a_texture_that_pybullet_can_not_read_is_refused(client: int, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "t.jpg", progressive=True)
    with pytest.raises(InputError, match="by PyBullet: a progressive JPEG"):
        load_texture(client, tmp_path / "t.jpg")


def test_unknown_textures_and_files_are_refused(client: int, tmp_path: Path) -> None:
    body = wall(client)
    with pytest.raises(InputError, match="unknown; load it with"):
        apply_texture(client, body, 99)
    with pytest.raises(InputError, match="does not exist"):
        load_texture(client, tmp_path / "nothing.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError, match="can't be read"):
        load_texture(client, tmp_path / "text.png")


def test_a_recorded_texture_is_drawn_by_both_renderers_and_loaded_once(
    gl: GlRenderer, client: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    load = p.loadTexture
    monkeypatch.setattr(p, "loadTexture", lambda *args, **named: loaded.append(args) or load(*args, **named))
    shot, tiny = Shot(client, VIEW, 8, 8), TinyRenderer()
    for _ in range(2):
        p.resetSimulation(physicsClientId=client)
        record_texture(client, wall(client), paint(tmp_path, (0, 0, 255)))
        gl.refresh(client)
        tiny.refresh(client)
        assert gl.render([shot])[0].rgb[4, 4, 0] == 0
        assert not loaded
        for _ in range(2):
            assert tiny.render([shot])[0].rgb[4, 4, 0] == 0
        assert len(loaded) == 1
        loaded.clear()
