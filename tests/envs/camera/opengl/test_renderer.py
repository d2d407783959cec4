from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pybullet as p
import pytest

from envs.camera import Shot, View
from envs.camera.opengl.framebuffer import RgbReader
from envs.camera.opengl.renderer import GlRenderer

from ..conftest import VIEWS, Builder


@pytest.fixture
def shots(build: Builder) -> Iterator[list[Shot]]:
    """Sixteen different pictures of four worlds."""
    clients = [p.connect(p.DIRECT) for _ in range(4)]
    for seed, number in enumerate(clients):
        build(number, seed)
    views = [View((0.1 * i, 0.02 * i, 0.4), (3.0, 0.1 * i - 0.8, 0.3), fov_deg=60.0 + i) for i in range(16)]
    yield [Shot(clients[i % 4], view, background=(0.7, 0.8, 0.9)) for i, view in enumerate(views)]
    for number in clients:
        p.disconnect(number)


def test_a_picture_does_not_depend_on_how_many_are_drawn_with_it(gl: GlRenderer, shots: list[Shot]) -> None:
    together = gl.render_rgb(shots)
    alone = np.concatenate([gl.render_rgb([shot]) for shot in shots])
    assert np.array_equal(together, alone)
    assert np.array_equal(gl.render_rgb(shots[3:8]), together[3:8])
    backwards = gl.render_rgb(shots[::-1])
    assert np.array_equal(backwards[::-1], together)


def test_a_picture_does_not_depend_on_how_a_gpu_reads_it(
    gl: GlRenderer, shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gl, "_rgb_reader", None)
    expected = gl.render_rgb(shots)
    with gl._context:
        monkeypatch.setattr(gl, "_rgb_reader", RgbReader(gl._context))
    assert np.array_equal(gl.render_rgb(shots), expected)
    with gl._context:
        gl._rgb_reader.release()


def test_a_picture_does_not_depend_on_who_had_the_context_before(gl: GlRenderer, shots: list[Shot]) -> None:
    expected = gl.render_rgb(shots)
    earlier = GlRenderer()
    earlier.render([replace(shots[0], high_quality=True)], depth=True, segmentation=True)
    earlier.close()
    later = GlRenderer()
    assert later._context is earlier._context
    assert np.array_equal(later.render_rgb(shots), expected)
    later.close()


@pytest.mark.parametrize("layers", [1, 3, 64])
def test_a_picture_does_not_depend_on_the_chunks_of_the_device(
    layers: int, gl: GlRenderer, shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = gl.render_rgb(shots)
    monkeypatch.setattr(gl, "_chunk", layers)
    assert np.array_equal(gl.render_rgb(shots), expected)


def test_a_picture_does_not_depend_on_depth_and_segmentation(gl: GlRenderer, shots: list[Shot]) -> None:
    expected = gl.render_rgb(shots)
    for wanted in ({}, {"depth": True}, {"segmentation": True}, {"depth": True, "segmentation": True}):
        frames = gl.render(shots, **wanted)
        assert np.array_equal(np.stack([frame.rgb for frame in frames]), expected)
        assert all((frame.depth_m is not None) == ("depth" in wanted) for frame in frames)
        assert all((frame.segmentation is not None) == ("segmentation" in wanted) for frame in frames)


def test_two_renderers_in_one_process_give_equal_bytes_by_turns(gl: GlRenderer, shots: list[Shot]) -> None:
    expected = gl.render_rgb(shots)
    other = GlRenderer()
    for _ in range(3):
        assert np.array_equal(other.render_rgb(shots), expected)
        assert np.array_equal(gl.render_rgb(shots), expected)
    other.close()
    assert np.array_equal(gl.render_rgb(shots), expected)


def test_every_tile_has_its_own_background(gl: GlRenderer, client: int) -> None:
    colours = [(i / 5, 0.0, 1.0 - i / 5) for i in range(6)]
    pixels = gl.render_rgb([Shot(client, VIEWS["ahead"], 16, 16, background=colour) for colour in colours])
    assert np.array_equal(pixels[:, 5, 5], np.round(np.array(colours) * 255).astype(np.uint8))


def test_pictures_of_several_sizes_come_back_in_order(gl: GlRenderer, shots: list[Shot]) -> None:
    mixed = [replace(shot, width=48 + 16 * (i % 3), height=40) for i, shot in enumerate(shots)]
    for shot, frame in zip(mixed, gl.render(mixed), strict=True):
        assert np.array_equal(frame.rgb, gl.render([shot])[0].rgb)
        assert frame.rgb.shape == (40, shot.width, 3)


def test_render_rgb_writes_into_the_array_it_is_given(gl: GlRenderer, shots: list[Shot]) -> None:
    out = np.zeros((18, 224, 224, 3), np.uint8)
    assert gl.render_rgb(shots, out[1:17]).base is out
    assert np.array_equal(out[1:17], gl.render_rgb(shots))
    assert not out[0].any()
    assert not out[17].any()


def test_an_array_with_gaps_is_filled_all_the_same(gl: GlRenderer, shots: list[Shot]) -> None:
    out = np.zeros((16, 224, 448, 3), np.uint8)
    gl.render_rgb(shots, out[:, :, ::2])
    assert np.array_equal(out[:, :, ::2], gl.render_rgb(shots))
    assert not out[:, :, 1::2].any()


def test_one_call_takes_one_size(gl: GlRenderer, shots: list[Shot]) -> None:
    with pytest.raises(ValueError, match="one size"):
        gl.render_rgb([shots[0], replace(shots[1], width=100)])


def test_the_first_row_is_the_top(gl: GlRenderer, client: int) -> None:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 9, 0.5), rgbaColor=(1, 0, 0, 1), physicsClientId=client)
    p.createMultiBody(0, -1, visual, (3, 0, -0.5), physicsClientId=client)  # below the horizon
    rgb = gl.render([Shot(client, View((0.0, 0.0, 0.5), (1.0, 0.0, 0.5)), 32, 32)])[0].rgb
    assert (rgb[0] == 255).all()
    assert (rgb[-9, :, 1] == 0).all()


def test_a_repainted_body_is_seen_after_refresh(gl: GlRenderer, client: int) -> None:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 1, 1), rgbaColor=(1, 0, 0, 1), physicsClientId=client)
    body = p.createMultiBody(0, -1, visual, (3, 0, 0), physicsClientId=client)
    shot = Shot(client, View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), 9, 9)
    assert gl.render([shot])[0].rgb[4, 4, 1] == 0
    p.changeVisualShape(body, -1, rgbaColor=(0, 1, 0, 1), physicsClientId=client)
    gl.refresh(client)
    assert gl.render([shot])[0].rgb[4, 4, 0] == 0


def test_a_world_that_is_built_again_gives_the_same_bytes(gl: GlRenderer, client: int, build: Builder) -> None:
    shot = Shot(client, VIEWS["ahead"])
    digests = []
    for seed in (0, 1, 0):
        p.resetSimulation(physicsClientId=client)
        build(client, seed)
        gl.refresh(client)
        digests.append(gl.render([shot])[0].rgb.tobytes())
    assert digests[0] == digests[2]
    assert digests[0] != digests[1]


def test_memory_is_flat_over_resets(gl: GlRenderer, client: int) -> None:
    """New sizes of cylinders in every episode are what would pile up."""
    rng = np.random.Generator(np.random.PCG64(0))
    shot = Shot(client, VIEWS["ahead"], 32, 32)

    def cycles(count: int) -> int:
        for _ in range(count):
            p.resetSimulation(physicsClientId=client)
            for _ in range(3):
                visual = p.createVisualShape(
                    p.GEOM_CYLINDER, radius=rng.uniform(0.1, 0.5), length=rng.uniform(0.2, 2), physicsClientId=client
                )
                p.createMultiBody(0, -1, visual, (3, 0, 0), physicsClientId=client)
            gl.refresh(client)
            gl.render([shot, replace(shot, high_quality=True)])
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    before = cycles(150)
    assert cycles(200) - before < 4e6
