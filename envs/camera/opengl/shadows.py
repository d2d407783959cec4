"""High-quality pictures: antialiasing with four samples per pixel, filtered textures and soft shadows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import moderngl
import numpy as np

from envs.camera.opengl import shaders
from envs.camera.opengl.draw_batch import CASTER_RADIUS_M, DrawBatch, DrawBatcher, LoadedScene
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from envs.camera.shot import Shot

_SHADOW_SIZE = 1024  # texels
_SOFTNESS_M = 0.035  # radius of a shadow's edge
_SAMPLES = 4
_CASTER_HEIGHT_M = 1.9  # above the world's origin; higher things, such as lamps and lintels, must not darken the floor
_CLIP_DISTANCE0 = 0x3000
_SIZES_KEPT = 4


class HighQualityPass:
    """Draws one high-quality shot at a time, with the programs and buffers of a batcher."""

    def __init__(self, context: moderngl.Context, batcher: DrawBatcher) -> None:
        self._context, self._batcher = context, batcher
        self._tiles = context.buffer(reserve=TILE_BYTES)
        self._shadow_map = context.depth_texture((_SHADOW_SIZE, _SHADOW_SIZE))
        self._shadow_map.compare_func = "<="
        self._shadow_map.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._shadow_map.repeat_x = self._shadow_map.repeat_y = False
        self._shadow_buffer = context.framebuffer(depth_attachment=self._shadow_map)
        self._background_program = context.program(
            vertex_shader=shaders.assemble_shader(shaders.BACKGROUND_VERTEX, "HIGH_QUALITY"),
            fragment_shader=shaders.assemble_shader(shaders.BACKGROUND_FRAGMENT, "HIGH_QUALITY"),
        )
        self._background = context.vertex_array(self._background_program, [])
        self._framebuffers: dict[tuple[int, int], tuple[moderngl.Framebuffer, moderngl.Framebuffer]] = {}

    def render(
        self, shot: Shot, loaded: LoadedScene, live: Sequence[LoadedScene], poses: np.ndarray
    ) -> moderngl.Framebuffer:
        """Draw a shot of a scene and return the framebuffer with the picture.

        Args:
            shot: The shot.
            loaded: The scene of its client.
            live: All scenes that may be drawn again.
            poses: (frames, 8), the scene's poses, which are bound for the shaders already.
        """
        names = ("shadow", "high_quality", "section")
        for name in names:  # first build all of them, because building one may move what another points to
            self._batcher.batch(name, [loaded], live)
        shadow, surfaces, section = (self._batcher.batch(name, [loaded], live) for name in names)
        tile = pack_tile(shot)
        self._tiles.write(np.array(tile, np.float32))
        self._tiles.bind_to_storage_buffer(0)
        light_clip, softness = _light_clip(shot, loaded, poses)
        self._draw_shadow_map(shadow, light_clip)
        drawn, resolved = self._framebuffer_pair((shot.width, shot.height))
        drawn.use()
        drawn.clear(*shot.background, 1.0, depth=1.0)
        self._draw_surfaces(surfaces, shot, light_clip, softness)
        self._draw_sections(section, tile[:16])
        self._background_program["height"] = float(shot.height)
        self._context.disable(moderngl.CULL_FACE)
        self._background.render(moderngl.TRIANGLES, 3)
        self._context.copy_framebuffer(resolved, drawn)
        return resolved

    def _draw_shadow_map(self, batch: DrawBatch, light_clip: np.ndarray) -> None:
        """Draw the distances of all casters from the light."""
        context = self._context
        self._shadow_buffer.use()
        self._shadow_buffer.clear(depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.depth_func = "<="
        context.front_face = (
            "cw"  # draws the sides that face away from the light, so that lit sides can't shade themselves
        )
        program = self._batcher.programs["shadow"][0]
        program["clip"] = _columns(light_clip)
        program["highest_m"] = _CASTER_HEIGHT_M
        context.enable_direct(_CLIP_DISTANCE0)
        batch.render()
        context.disable_direct(_CLIP_DISTANCE0)

    def _draw_surfaces(self, batch: DrawBatch, shot: Shot, light_clip: np.ndarray, softness: float) -> None:
        """Draw all parts with textures, light and shadows."""
        self._context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        to_texture = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5 - 0.002], [0, 0, 0, 1]])
        for program in self._batcher.programs["high_quality"]:
            program["shadow_clip"] = _columns(to_texture @ light_clip)
            program["softness"] = softness
            if "eye" in program:
                program["eye"] = shot.view.eye
        self._batcher.atlas.texture.use(0)
        self._shadow_map.use(1)
        batch.render()

    def _draw_sections(self, batch: DrawBatch, clip: tuple[float, ...]) -> None:
        """Fill solids that the near plane cuts open."""
        self._context.cull_face = "front"
        program = self._batcher.programs["section"][0]
        program["clip"] = clip
        program["highest_m"] = 1e9
        batch.render()
        self._context.cull_face = "back"

    def release(self) -> None:
        """Free all framebuffers and buffers."""
        for framebuffers in self._framebuffers.values():
            for framebuffer in framebuffers:
                _release(framebuffer)
        _release(self._shadow_buffer)
        self._tiles.release()

    def _framebuffer_pair(self, size: tuple[int, int]) -> tuple[moderngl.Framebuffer, moderngl.Framebuffer]:
        if size not in self._framebuffers:
            if len(self._framebuffers) >= _SIZES_KEPT:
                for framebuffer in self._framebuffers.pop(next(iter(self._framebuffers))):
                    _release(framebuffer)
            self._framebuffers[size] = (
                self._context.framebuffer(
                    [self._context.renderbuffer(size, 4, samples=_SAMPLES)],
                    self._context.depth_renderbuffer(size, samples=_SAMPLES),
                ),
                self._context.framebuffer([self._context.renderbuffer(size, 4)]),
            )
        return self._framebuffers[size]


def _light_clip(shot: Shot, loaded: LoadedScene, poses: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the clip matrix of a distant light that just covers all casters, and the softness in its texture."""
    direction = np.array(shot.light.direction, float)
    forward = -direction / (np.linalg.norm(direction) or 1.0)
    across = np.cross(forward, (0.0, 1.0, 0.0) if abs(forward[2]) > 0.99 else (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(across, forward), forward])  # (3, 3)
    casters = [part for part in loaded.scene.parts if part.radius_m < CASTER_RADIUS_M]
    low, high = np.full(3, -1.0), np.full(3, 1.0)
    if casters:
        middles = poses[[part.pose_row for part in casters], :3] @ axes.T
        reach = np.array([part.reach_m for part in casters])[:, None]
        low, high = (middles - reach).min(axis=0), (middles + reach).max(axis=0)
    size = high - low + 4.0 * _SOFTNESS_M
    clip = np.eye(4)
    clip[:3, :3] = axes * (2.0 / size)[:, None]
    clip[:3, 3] = -(high + low) / size
    return clip, _SOFTNESS_M / math.sqrt(size[0] * size[1])


def _columns(matrix: np.ndarray) -> tuple[float, ...]:
    return tuple(matrix.T.ravel().tolist())


def _release(framebuffer: moderngl.Framebuffer) -> None:
    for attachment in (*framebuffer.color_attachments, framebuffer.depth_attachment):
        if attachment is not None:
            attachment.release()
    framebuffer.release()
