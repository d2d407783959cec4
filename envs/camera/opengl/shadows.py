"""Pictures for people: four samples a pixel, filtered textures, and soft shadows of everything but the building."""

from __future__ import annotations

import math
from collections.abc import Sequence

import moderngl
import numpy as np

from envs.camera.opengl import shaders
from envs.camera.opengl.draw_batch import CASTER_RADIUS_M, DrawBatcher, LoadedScene
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from envs.camera.shot import Shot

_SHADOW_SIZE = 1024  # texels
_SOFTNESS_M = 0.035  # radius of a shadow's edge
_SAMPLES = 4
_CASTER_HEIGHT_M = 1.9  # above the world's origin: lamps and lintels must not darken the floor below
_CLIP_DISTANCE0 = 0x3000
_SIZES_KEPT = 4


class PrettyPass:
    """Draws one pretty shot at a time with the programs and buffers of a batcher."""

    def __init__(self, context: moderngl.Context, batcher: DrawBatcher) -> None:
        self._context, self._batcher = context, batcher
        self._tiles = context.buffer(reserve=TILE_BYTES)
        self._shadows = context.depth_texture((_SHADOW_SIZE, _SHADOW_SIZE))
        self._shadows.compare_func = "<="
        self._shadows.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._shadows.repeat_x = self._shadows.repeat_y = False
        self._shadow_buffer = context.framebuffer(depth_attachment=self._shadows)
        self._background_program = context.program(
            vertex_shader=shaders.assemble_shader(shaders.BACKGROUND_VERTEX, "PRETTY"),
            fragment_shader=shaders.assemble_shader(shaders.BACKGROUND_FRAGMENT, "PRETTY"),
        )
        self._background = context.vertex_array(self._background_program, [])
        self._framebuffers: dict[tuple[int, int], tuple[moderngl.Framebuffer, moderngl.Framebuffer]] = {}

    def render(
        self, shot: Shot, world: LoadedScene, live: Sequence[LoadedScene], poses: np.ndarray
    ) -> moderngl.Framebuffer:
        """Draw a shot of a world whose poses, (frames, 8), are bound already; gives the framebuffer that holds it."""
        context = self._context
        # All before anything is drawn, because building one could move what another points to.
        for name in ("shadow", "pretty", "section"):
            self._batcher.batch(name, [world], live)
        numbers = pack_tile(shot)
        self._tiles.write(np.array(numbers, np.float32))
        self._tiles.bind_to_storage_buffer(0)
        light_clip, softness = self._light(shot, world, poses)
        self._shadow_buffer.use()
        self._shadow_buffer.clear(depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.depth_func = "<="
        context.front_face = "cw"  # so that the sides away from the light are drawn: lit sides can't shade themselves
        self._batcher.programs["shadow"][0]["clip"] = _columns(light_clip)
        self._batcher.programs["shadow"][0]["highest_m"] = _CASTER_HEIGHT_M
        context.enable_direct(_CLIP_DISTANCE0)
        self._batcher.batch("shadow", [world], live).render()
        context.disable_direct(_CLIP_DISTANCE0)
        drawn, resolved = self._framebuffer_pair((shot.width, shot.height))
        drawn.use()
        drawn.clear(*shot.background, 1.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        half = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5 - 0.002], [0, 0, 0, 1]])
        for program in self._batcher.programs["pretty"]:
            program["shadow_clip"] = _columns(half @ light_clip)
            program["softness"] = softness
            if "eye" in program:
                program["eye"] = shot.view.eye
        self._batcher.atlas.texture.use(0)
        self._shadows.use(1)
        self._batcher.batch("pretty", [world], live).render()
        context.cull_face = "front"
        self._batcher.programs["section"][0]["clip"] = numbers[:16]
        self._batcher.programs["section"][0]["highest_m"] = 1e9
        self._batcher.batch("section", [world], live).render()
        context.cull_face = "back"
        self._background_program["height"] = float(shot.height)
        context.disable(moderngl.CULL_FACE)
        self._background.render(moderngl.TRIANGLES, 3)
        context.copy_framebuffer(resolved, drawn)
        return resolved

    def release(self) -> None:
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

    def _light(self, shot: Shot, world: LoadedScene, poses: np.ndarray) -> tuple[np.ndarray, float]:
        """The clip matrix of a light far away that just holds all casters, and the softness in its texture."""
        direction = np.array(shot.light.direction, float)
        forward = -direction / (np.linalg.norm(direction) or 1.0)
        across = np.cross(forward, (0.0, 1.0, 0.0) if abs(forward[2]) > 0.99 else (0.0, 0.0, 1.0))
        across /= np.linalg.norm(across)
        axes = np.stack([across, np.cross(across, forward), forward])  # (3, 3)
        casters = [part for part in world.scene.parts if part.radius_m < CASTER_RADIUS_M]
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
