from __future__ import annotations

import moderngl
import numpy as np
import pytest

from envs.camera.opengl.framebuffer import LayeredFramebuffer, RgbReader

VERTEX = """
#version 430
#extension GL_ARB_shader_viewport_layer_array : require
uniform int layers;
flat out int instance;
void main() {
    float depth = gl_InstanceID < layers ? 0.2 : 0.6;  // the second round of layers lies behind the first
    gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, depth, 1.0);
    gl_Layer = gl_InstanceID % layers;
    instance = gl_InstanceID;
}
"""
FRAGMENT = """
#version 430
flat in int instance;
layout(location = 0) out vec4 colour;
layout(location = 1) out float half_x;
layout(location = 2) out int number;
void main() {
    colour = vec4(floor(gl_FragCoord.xy), instance, 255.0) / 255.0;
    half_x = 0.5 * floor(gl_FragCoord.x);
    number = -instance;
}
"""
SIZE = (7, 5)


def draw(context: moderngl.Context, layers: int, rounds: int = 1) -> LayeredFramebuffer:
    framebuffer = LayeredFramebuffer(context, SIZE, layers, (("f1", 4), ("f4", 1), ("i4", 1)))
    program = context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
    program["layers"] = layers
    framebuffer.framebuffer.use()
    framebuffer.framebuffer.clear(depth=1.0)
    context.enable_only(moderngl.DEPTH_TEST)
    context.depth_func = "<="
    context.vertex_array(program, []).render(moderngl.TRIANGLES, 3, instances=layers * rounds)
    return framebuffer


def read(framebuffer: LayeredFramebuffer, attachment: int) -> np.ndarray:
    shape, dtype = {0: ((4,), np.uint8), 1: ((), np.float32), 2: ((), np.int32)}[attachment]
    out = np.full((framebuffer.layers, SIZE[1], SIZE[0], *shape), 77, dtype)
    framebuffer.read(attachment, out)
    return out


@pytest.mark.parametrize("layers", [1, 3, 8, 9, 20])
def test_every_layer_is_read_whole_with_its_first_row_first(context: moderngl.Context, layers: int) -> None:
    framebuffer = draw(context, layers)
    colours = read(framebuffer, 0)
    layer, row, column = np.indices(colours.shape[:3])
    assert np.array_equal(colours, np.stack([column, row, layer, np.full_like(row, 255)], axis=-1))
    assert np.array_equal(read(framebuffer, 1), 0.5 * column)
    assert np.array_equal(read(framebuffer, 2), -layer)
    framebuffer.release()


@pytest.mark.parametrize("layers", [1, 9])
def test_every_layer_has_its_own_depth(context: moderngl.Context, layers: int) -> None:
    framebuffer = draw(context, layers, rounds=2)  # what is drawn last lies behind
    assert (read(framebuffer, 2) == -np.arange(layers)[:, None, None]).all()
    framebuffer.release()


def test_framebuffers_that_are_there_together_do_not_share_their_pictures(context: moderngl.Context) -> None:
    one = draw(context, 2)
    two = draw(context, 3)
    two.framebuffer.use()
    two.framebuffer.clear()
    assert (read(one, 0)[..., 3] == 255).all()
    assert not read(two, 0).any()
    two.release()
    assert (read(one, 0)[..., 3] == 255).all()
    one.release()


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 9])
def test_rgb_is_packed_as_it_is_read(context: moderngl.Context, layers: int) -> None:
    framebuffer, reader = draw(context, layers), RgbReader(context)
    for _ in range(2):  # its buffer is used again
        out = np.full((layers, SIZE[1], SIZE[0], 3), 77, np.uint8)
        assert reader.fits(out)
        reader.read(framebuffer, out)
        assert np.array_equal(out, read(framebuffer, 0)[..., :3])
    reader.release()


def test_more_groups_than_fit_on_one_axis_pack_every_word(
    context: moderngl.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envs.camera.opengl.framebuffer._MOST_GROUPS", 1)
    framebuffer = draw(context, 20)  # 525 words, in groups of 256
    out = np.zeros((20, SIZE[1], SIZE[0], 3), np.uint8)
    reader = RgbReader(context)
    reader.read(framebuffer, out)
    assert np.array_equal(out, read(framebuffer, 0)[..., :3])


def test_more_than_a_device_holds_does_not_fit(context: moderngl.Context) -> None:
    reader = RgbReader(context)
    reader._most_bytes = 100
    assert reader.fits(np.zeros(96, np.uint8))
    assert not reader.fits(np.zeros(97, np.uint8))
