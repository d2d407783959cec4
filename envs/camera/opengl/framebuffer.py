"""A framebuffer of equal layers, one per picture.

Layers rather than tiles side by side, because every layer has the same viewport: a picture's pixels can't depend on how
many others are drawn with it. moderngl supports layered colour textures but not layered depth textures, so the depth
texture is created by calling OpenGL directly.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Any

import moderngl
import numpy as np

_TEXTURE_2D_ARRAY = 0x8C1A
_DEPTH_COMPONENT32F = 0x8CAC
_DEPTH_ATTACHMENT = 0x8D00
_COLOR_ATTACHMENT0 = 0x8CE0
_FRAMEBUFFER = 0x8D40
_FEW_LAYERS = 8  # up to this many are read one by one, which is faster in software; more in one transfer
_WORD_BYTES = 4
_INVOCATIONS = 256  # per work group
_MOST_GROUPS = 65535  # along an axis, in any OpenGL 4.3
_PACKING = """
#version 430
layout(local_size_x = 256) in;
layout(std430, binding = 2) writeonly buffer Packed { uint words[]; };
uniform sampler2DArray pictures;
uniform uint count;

uvec3 colour(uint pixel) {
    uvec3 size = uvec3(textureSize(pictures, 0));
    uint line = pixel / size.x;
    ivec3 place = ivec3(pixel % size.x, line % size.y, line / size.y);
    return uvec3(round(texelFetch(pictures, place, 0).rgb * 255.0));
}

void main() {
    uint word = gl_GlobalInvocationID.x + gl_GlobalInvocationID.y * gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    if (word >= count) return;
    uint first = word * 4u, bytes = 0u;
    uvec3 here = colour(first / 3u), next = colour(first / 3u + 1u);
    for (uint k = 0u; k < 4u; k++) {
        uint channel = first % 3u + k;
        bytes |= (channel < 3u ? here[channel] : next[channel - 3u]) << (8u * k);
    }
    words[word] = bytes;
}
"""


@cache
def _gl(name: str, *argument_types: Any) -> Any:
    """Return an OpenGL function of the current EGL context."""
    egl = ctypes.CDLL(ctypes.util.find_library("EGL") or "libEGL.so.1")
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    address = egl.eglGetProcAddress(name.encode())
    if not address:
        raise RuntimeError(f"this OpenGL has no function {name}")
    return ctypes.CFUNCTYPE(None, *argument_types)(address)


class LayeredFramebuffer:
    """A framebuffer for ``layers`` pictures of one size, with depth; shaders select the layer with ``gl_Layer``.

    Args:
        context: The OpenGL context.
        size: (width, height) of every picture.
        layers: Number of pictures.
        dtypes: Element type and component count of each colour attachment, in the order of the shader's outputs.
    """

    def __init__(
        self,
        context: moderngl.Context,
        size: tuple[int, int],
        layers: int,
        dtypes: tuple[tuple[str, int], ...] = (("f1", 4),),
    ) -> None:
        self.size, self.layers = size, layers
        self._context = context
        self.attachments = [context.texture_array((*size, layers), count, dtype=dtype) for dtype, count in dtypes]
        self.framebuffer = context.framebuffer(self.attachments)
        self._readers: dict[tuple[int, int], moderngl.Framebuffer] = {}
        self._depth = self._attach_depth()
        self.framebuffer.depth_mask = True  # moderngl turns it off, because it sees no depth attachment

    def _attach_depth(self) -> int:
        unsigned, signed = ctypes.c_uint, ctypes.c_int
        name = unsigned()
        _gl("glGenTextures", signed, ctypes.POINTER(unsigned))(1, ctypes.byref(name))
        _gl("glBindTexture", unsigned, unsigned)(_TEXTURE_2D_ARRAY, name)
        _gl("glTexStorage3D", unsigned, signed, unsigned, signed, signed, signed)(
            _TEXTURE_2D_ARRAY, 1, _DEPTH_COMPONENT32F, *self.size, self.layers
        )
        self.framebuffer.use()
        _gl("glFramebufferTexture", unsigned, unsigned, unsigned, signed)(_FRAMEBUFFER, _DEPTH_ATTACHMENT, name, 0)
        return int(name.value)

    def read(self, attachment: int, out: np.ndarray) -> None:
        """Copy all layers of one colour attachment into ``out``, C-contiguous, row 0 first."""
        texture = self.attachments[attachment]
        if self.layers > _FEW_LAYERS:
            texture.read_into(out)
            return
        size = out.nbytes // self.layers
        for layer in range(self.layers):
            reader = self._reader(attachment, layer)
            reader.read_into(out, components=texture.components, dtype=texture.dtype, write_offset=layer * size)

    def _reader(self, attachment: int, layer: int) -> moderngl.Framebuffer:
        """Return a framebuffer of one layer only."""
        key = (attachment, layer)
        if key not in self._readers:
            texture = self.attachments[attachment]
            reader = self._readers[key] = self._context.framebuffer([texture])
            reader.use()
            unsigned, signed = ctypes.c_uint, ctypes.c_int
            _gl("glFramebufferTextureLayer", unsigned, unsigned, unsigned, signed, signed)(
                _FRAMEBUFFER, _COLOR_ATTACHMENT0, texture.glo, 0, layer
            )
        return self._readers[key]

    def release(self) -> None:
        """Free all device memory."""
        for framebuffer in (self.framebuffer, *self._readers.values()):
            framebuffer.release()
        for attachment in self.attachments:
            attachment.release()
        name = ctypes.c_uint(self._depth)
        _gl("glDeleteTextures", ctypes.c_int, ctypes.POINTER(ctypes.c_uint))(1, ctypes.byref(name))


class RgbReader:
    """Reads all layers as RGB in one transfer: packed on the device, a quarter less to copy and nothing to rearrange.

    Args:
        context: The OpenGL context, on a GPU.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._shader = context.compute_shader(_PACKING)
        self._packed: moderngl.Buffer | None = None
        self._most_bytes = int(context.info["GL_MAX_SHADER_STORAGE_BLOCK_SIZE"])

    def fits(self, out: np.ndarray) -> bool:
        """Return whether this device can pack as many bytes at a time."""
        return out.nbytes + _WORD_BYTES <= self._most_bytes

    def read(self, framebuffer: LayeredFramebuffer, out: np.ndarray) -> None:
        """Copy the RGB of the first attachment, of type "f1", into ``out``, (n, H, W, 3), contiguous, row 0 first."""
        words = -(-out.nbytes // _WORD_BYTES)
        if self._packed is None or self._packed.size < words * _WORD_BYTES:
            self._drop_packed()
            self._packed = self._context.buffer(reserve=words * _WORD_BYTES, dynamic=True)
        framebuffer.attachments[0].use(0)
        self._packed.bind_to_storage_buffer(2)
        self._shader["count"] = words
        groups = -(-words // _INVOCATIONS)
        across = min(groups, _MOST_GROUPS)
        self._shader.run(across, -(-groups // across))
        self._context.memory_barrier()
        self._packed.read_into(out, size=out.nbytes)

    def release(self) -> None:
        """Free its program and memory."""
        self._shader.release()
        self._drop_packed()

    def _drop_packed(self) -> None:
        if self._packed is not None:
            self._packed.release()
            self._packed = None


def drop_alpha(rgba: np.ndarray, out: np.ndarray) -> None:
    """Copy (n, H, W, 4) to (n, H, W, 3), both contiguous.

    Pixels are copied in order as 4-byte words at 3-byte steps, so that each word overwrites the alpha byte of the word
    before it. This is three times as fast as a strided copy of the channels.
    """
    words = np.ndarray((out.size // 3 - 1,), np.uint32, out.data, strides=(3,))
    words[:] = rgba.view(np.uint32).reshape(-1)[:-1]
    out[-1, -1, -1] = rgba[-1, -1, -1, :3]
