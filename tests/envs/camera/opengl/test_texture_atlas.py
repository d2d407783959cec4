from __future__ import annotations

import itertools
from pathlib import Path

import moderngl
import numpy as np
import pybullet as p
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from envs.camera import Shot, View, apply_texture, load_texture
from envs.camera.meshes.image_file import read_image
from envs.camera.opengl import texture_atlas as atlas_module
from envs.camera.opengl.renderer import GlRenderer
from envs.camera.opengl.texture_atlas import TextureAtlas
from envs.camera.scene import CHECKER


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """An atlas of 64 x 64 texels, so that a few images fill it."""
    monkeypatch.setattr(atlas_module, "_START_WIDTH", 64)
    monkeypatch.setattr(atlas_module, "_START_HEIGHT", 64)


def noise(folder: Path, width: int, height: int, name: str = "noise") -> str:
    path = folder / f"{name}-{width}-{height}.png"
    if not path.exists():
        rng = np.random.Generator(np.random.PCG64(1000 * width + height))
        Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(path)
    return str(path)


def stored(atlas: TextureAtlas, image: str, border: int = 0) -> np.ndarray:
    """The texels of an image in the atlas, (height, width, 3), its bottom row first."""
    texels = np.frombuffer(atlas.texture.read(), np.uint8).reshape(*atlas.texture.size[::-1], 4)
    x, y, width, height = atlas.rect(image)
    return texels[y - border : y + height + border, x - border : x + width + border, :3]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 62), st.integers(1, 40)), min_size=1, max_size=12, unique=True))
@pytest.mark.usefixtures("small")
def test_every_image_is_whole_whatever_else_is_loaded(
    context: moderngl.Context, tmp_path: Path, sizes: list[tuple[int, int]]
) -> None:
    atlas = TextureAtlas(context)
    images = [noise(tmp_path, *size) for size in sizes]
    for count in range(1, len(images) + 1):
        atlas.ensure_loaded(images[count - 1 : count], images[:count])
    for image in images:
        assert np.array_equal(stored(atlas, image), read_image(image)[::-1])
    for (x, y, width, height), (left, low, across, high) in itertools.combinations(map(atlas.rect, images), 2):
        assert x + width < left or left + across < x or y + height < low or low + high < y
    atlas.release()


def test_an_image_has_a_border_that_continues_it(context: moderngl.Context, tmp_path: Path) -> None:
    atlas = TextureAtlas(context)
    image = noise(tmp_path, 5, 4)
    atlas.ensure_loaded([image], [])
    assert np.array_equal(
        stored(atlas, image, border=1), np.pad(read_image(image)[::-1], ((1, 1), (1, 1), (0, 0)), "wrap")
    )
    atlas.release()


def test_the_checker_needs_no_file(context: moderngl.Context) -> None:
    atlas = TextureAtlas(context)
    atlas.ensure_loaded([CHECKER], [])
    texels = stored(atlas, CHECKER)
    assert np.array_equal(texels[0, 0], texels[1, 1])
    assert not np.array_equal(texels[0, 0], texels[0, 1])
    atlas.release()


@pytest.mark.usefixtures("small")
def test_a_full_atlas_drops_what_is_not_in_use_and_says_that_things_moved(
    context: moderngl.Context, tmp_path: Path
) -> None:
    atlas = TextureAtlas(context)
    first, second, third = (noise(tmp_path, 60, 28, name) for name in ("first", "second", "third"))
    atlas.ensure_loaded([first], [])
    atlas.ensure_loaded([second], [first])
    assert atlas.version == 0
    atlas.ensure_loaded([third], [second])
    assert atlas.version == 1
    assert atlas.texture.size == (64, 64)
    assert np.array_equal(stored(atlas, second), read_image(second)[::-1])
    with pytest.raises(KeyError):
        atlas.rect(first)
    atlas.ensure_loaded([first], [second, third])
    assert atlas.texture.size == (64, 128)  # it grows when all are in use
    atlas.release()


@pytest.mark.usefixtures("small")
def test_it_grows_to_the_smallest_size_that_holds_all(context: moderngl.Context, tmp_path: Path) -> None:
    for sizes, wanted in (
        ([(63, 4)], (128, 64)),
        ([(62, 62)] * 4, (64, 256)),
        ([(30, 62)] * 3, (64, 128)),
        ([(400, 20)], (448, 64)),
    ):
        atlas = TextureAtlas(context)
        images = [noise(tmp_path, *size, str(number)) for number, size in enumerate(sizes)]
        atlas.ensure_loaded(images, [])
        assert atlas.texture.size == wanted
        for image in images:
            assert np.array_equal(stored(atlas, image), read_image(image)[::-1])
        assert atlas.problems == {}
        atlas.release()


@pytest.mark.usefixtures("small")
def test_images_for_which_there_is_no_room_get_fewer_pixels_and_are_named(
    context: moderngl.Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = TextureAtlas(context)
    monkeypatch.setattr(atlas, "_largest", 128)
    large, small = noise(tmp_path, 200, 100), noise(tmp_path, 20, 20)
    atlas.ensure_loaded([large, small], [])
    assert np.array_equal(stored(atlas, large), read_image(large)[::2, ::2][::-1])
    assert np.array_equal(stored(atlas, small), read_image(small)[::-1])
    assert list(atlas.problems) == [large]
    assert "is drawn with 100 x 50 pixels" in atlas.problems[large]
    atlas.release()


@pytest.mark.parametrize("name", ["nowhere.png", "text.png"])
def test_an_image_that_can_not_be_read_is_white_and_named_until_it_can(
    name: str, context: moderngl.Context, tmp_path: Path
) -> None:
    path = tmp_path / name
    if name == "text.png":
        path.write_text("no image")
    atlas = TextureAtlas(context)
    atlas.ensure_loaded([str(path)], [])
    assert (stored(atlas, str(path)) == 255).all()
    assert "is drawn white" in atlas.problems[str(path)]
    Image.new("RGB", (2, 2)).save(path)
    atlas.ensure_loaded([str(path)], [])
    assert (stored(atlas, str(path)) == 0).all()
    assert atlas.problems == {}
    atlas.release()


VIEW = View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))


def wall(client: int, file: Path) -> None:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 3, 3), physicsClientId=client)
    body = p.createMultiBody(0, -1, visual, (3, 0, 0), physicsClientId=client)
    apply_texture(client, body, load_texture(client, file))


def paint(folder: Path, colour: tuple[int, ...], size: int = 8, name: str = "colour") -> Path:
    path = folder / f"{name}-{size}.png"
    Image.new("RGB", (size, size), colour).save(path)
    return path


def test_a_file_that_changed_is_read_again(gl: GlRenderer, client: int, tmp_path: Path) -> None:
    for colour, channel in (((0, 0, 255), 2), ((255, 0, 0), 0)):
        p.resetSimulation(physicsClientId=client)
        wall(client, paint(tmp_path, colour))
        gl.refresh(client)
        assert gl.render([Shot(client, VIEW, 8, 8)])[0].rgb[4, 4].argmax() == channel


@pytest.mark.usefixtures("small")
def test_pictures_stay_right_while_images_come_and_go(client: int, tmp_path: Path) -> None:
    renderer = GlRenderer()
    rng = np.random.Generator(np.random.PCG64(1))
    for episode in range(12):
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        p.resetSimulation(physicsClientId=client)
        for size in (20, 30):
            wall(client, paint(tmp_path, colour, size, str(episode)))
        renderer.refresh(client)
        seen = renderer.render([Shot(client, VIEW, 8, 8)])[0].rgb[4, 4].astype(float)
        assert np.abs(seen - np.array(colour) * seen.max() / max(colour)).max() < 4
    renderer.close()


def test_a_texture_that_is_gone_loses_no_picture_and_names_the_body(
    gl: GlRenderer, client: int, tmp_path: Path
) -> None:
    path = paint(tmp_path, (0, 0, 255))
    wall(client, path)
    path.unlink()
    with pytest.warns(UserWarning, match=r"the texture '.*colour-8.png' of body 0 link -1 is drawn white"):
        assert gl.render([Shot(client, VIEW, 8, 8)])[0].rgb[4, 4, 0] > 100
