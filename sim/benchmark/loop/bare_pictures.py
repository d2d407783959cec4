"""The least that a picture can cost: an empty target, and a target of one triangle, read back."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import moderngl
import numpy as np

from envs.camera.opengl.context import open_context

_TEXTURE_SIDE = 256
_VERTEX = """#version 430
out vec2 place;
void main() {
    place = vec2(gl_VertexID % 2, gl_VertexID / 2) * 2.0;
    gl_Position = vec4(place * 2.0 - 1.0, 0.5, 1.0);
}"""
_FRAGMENT = """#version 430
uniform sampler2D surface;
in vec2 place;
out vec4 colour;
void main() {
    vec3 normal = normalize(vec3(place - 0.5, 1.0));
    float light = 0.6 + 0.35 * max(0.0, dot(normal, vec3(0.36, -0.27, 0.89)));
    colour = vec4(light * texture(surface, place).rgb, 1.0);
}"""


class BarePictures:
    """A bare OpenGL target for a number of pictures of one size, below one another.

    Args:
        count: Number of pictures.
        size: Height and width of each, pixels.
    """

    def __init__(self, count: int, size: tuple[int, int]) -> None:
        height, width = size
        self._context = open_context()
        self._rgba = np.empty((count, height, width, 4), np.uint8)
        with self._context:
            target = (width, height * count)
            self._target = self._context.framebuffer(
                [self._context.renderbuffer(target, 4)], self._context.depth_renderbuffer(target)
            )
            program = self._context.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
            self._triangle = self._context.vertex_array(program, [])
            pixels = np.random.default_rng(0).integers(0, 256, (_TEXTURE_SIDE, _TEXTURE_SIDE, 4), np.uint8)
            self._texture = self._context.texture((_TEXTURE_SIDE, _TEXTURE_SIDE), 4, pixels.tobytes())
            self._texture.filter = moderngl.NEAREST, moderngl.NEAREST

    def take_empty(self) -> np.ndarray:
        """Clear the target and read it back, (n, H, W, 4) uint8."""
        return self._take(triangles=0)

    def take_triangle(self) -> np.ndarray:
        """Draw one triangle that covers the target, textured and lit at every pixel, and read it back."""
        return self._take(triangles=1)

    def _take(self, triangles: int) -> np.ndarray:
        with self._context:
            self._context.enable_only(moderngl.DEPTH_TEST)
            self._target.use()
            self._target.clear(0.3, 0.4, 0.5, 1.0, depth=1.0)
            if triangles:
                self._texture.use(0)
                self._triangle.render(moderngl.TRIANGLES, 3)
            self._target.read_into(self._rgba, components=4)
        return self._rgba

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._context.release()
