"""High-quality pictures: antialiasing, filtered textures and soft shadows.

Surfaces are drawn as if all of them were lit. Only the pixels behind the columns of air that a shadow can fill are then
shaded, from their depths: looking up shadows in every pixel would cost more than all else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import moderngl
import numpy as np

from envs.camera.antialiasing import smooth_edges
from envs.camera.opengl import shaders
from envs.camera.opengl.draw_batch import DrawBatch, DrawBatcher, LoadedScene
from envs.camera.opengl.framebuffer import drop_alpha
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from envs.camera.shot import Shot
from envs.camera.visibility import PlacedBoxes, cut_by_near_plane, in_view, place_boxes

_SHADOW_SIZE = 512  # texels
_SOFTNESS_M = 0.035  # radius of a shadow's edge
_BIAS_M = 0.015  # by which surfaces are taken to be nearer to the light than they are
_SAMPLES = 4  # per pixel on a GPU; in software they would cost more than all else
_CASTER_HEIGHT_M = 1.9  # above the world's origin; higher things, such as lamps and lintels, must not darken the floor
_BELOW_FLOOR_M = -0.02  # where columns of shadow end
_CLIP_DISTANCE0 = 0x3000
_SIZES_KEPT = 8
_CUBE = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])
_CUBE_TRIANGLES = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
_CUBE_TRIANGLES = _CUBE_TRIANGLES[:, [0, 1, 2, 0, 2, 3]].ravel()  # (36,) rows of _CUBE
_TO_TEXTURE = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]])  # from clip coordinates


class _Target(NamedTuple):
    """The framebuffers of one size."""

    drawn: moderngl.Framebuffer  # lit surfaces; on a GPU with several samples per pixel
    single: moderngl.Framebuffer  # the same with one sample per pixel: ``colours`` and ``depths``
    colours: moderngl.Texture
    depths: moderngl.Texture
    shaded: moderngl.Framebuffer  # the finished picture, with a depth buffer of its own to shade each pixel once

    def release(self) -> None:
        """Free all framebuffers and what they are made of."""
        for framebuffer in {self.drawn, self.single, self.shaded}:
            _release(framebuffer)


class _ShadowLight(NamedTuple):
    """The light as the shadow map sees it."""

    clip: np.ndarray  # (4, 4) from the world to the map's clip coordinates
    softness: float  # radius of a shadow's edge in the map's texture coordinates
    depth_m: float  # between the nearest and the farthest place in the map
    columns: np.ndarray  # (n, 8, 3) corners of the columns that shadows can fill


class HighQualityPass:
    """Draws one high-quality shot at a time, with the programs and buffers of a batcher.

    Args:
        context: The OpenGL context.
        batcher: Its programs and buffers.
        software: Whether the device is the CPU; then surfaces are numbered in the alpha channel, and the edges between
            them are smoothed in the finished picture.
    """

    def __init__(self, context: moderngl.Context, batcher: DrawBatcher, software: bool) -> None:
        self._context, self._batcher, self._software = context, batcher, software
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
        self._shade_program = context.program(
            vertex_shader=shaders.assemble_shader(shaders.SHADE_VERTEX),
            fragment_shader=shaders.assemble_shader(shaders.SHADE_FRAGMENT),
        )
        self._moment: tuple[object, ...] = ()
        self._boxes: PlacedBoxes
        self._light: _ShadowLight
        self._targets: dict[tuple[int, int], _Target] = {}

    def render(
        self, shot: Shot, loaded: LoadedScene, live: Sequence[LoadedScene], poses: np.ndarray, out: np.ndarray
    ) -> None:
        """Draw a shot of a scene.

        Args:
            shot: The shot.
            loaded: The scene of its client.
            live: All scenes that may be drawn again.
            poses: (frames, 8), the scene's poses, which are bound for the shaders already.
            out: (h, w, 3) uint8, C-contiguous, is filled with the picture.
        """
        names = ("shadow", "high_quality", "section")
        for name in names:  # first build all of them, because building one may move what another points to
            self._batcher.batch(name, [loaded], live)
        shadow, surfaces, section = (self._batcher.batch(name, [loaded], live) for name in names)
        tile = pack_tile(shot)
        self._tiles.write(np.array(tile, np.float32))
        self._tiles.bind_to_storage_buffer(0)
        clip = np.array(tile[:16]).reshape(4, 4).T
        moment = (loaded.version, shot.light.direction, poses.tobytes())
        if moment != self._moment:  # several views of one moment share its shadow map
            self._boxes, self._light = self._prepare_shadows(shot, loaded, poses, shadow)
            self._moment = moment
        boxes, light = self._boxes, self._light
        target, visible = self._target((shot.width, shot.height)), in_view(boxes, clip)
        target.drawn.use()
        target.drawn.clear(*shot.background, 0.0, depth=1.0)
        self._draw_surfaces(surfaces, shot, visible)
        self._draw_sections(section, clip, visible & cut_by_near_plane(boxes, clip))
        self._draw_background(shot)
        if not self._software:
            self._context.copy_framebuffer(target.single, target.drawn)
            self._context.copy_framebuffer(target.shaded, target.single)
        if len(light.columns):
            self._draw_shadows(target, light, clip)
        rgba = np.empty((1, shot.height, shot.width, 4), np.uint8)
        target.shaded.read_into(rgba, components=4)
        drop_alpha(rgba, out[None])
        if self._software:
            smooth_edges(out, rgba[0, :, :, 3])

    def _prepare_shadows(
        self, shot: Shot, loaded: LoadedScene, poses: np.ndarray, batch: DrawBatch
    ) -> tuple[PlacedBoxes, _ShadowLight]:
        """Place the boxes of all parts, and draw the shadow map."""
        boxes = place_boxes(loaded.boxes, poses)
        casters = loaded.casters & (boxes.lowest_m < _CASTER_HEIGHT_M)
        light = _shadow_light(shot, boxes, casters, loaded.bodies[casters])
        if len(light.columns):
            self._draw_shadow_map(batch, light, casters)
        return boxes, light

    def _draw_shadow_map(self, batch: DrawBatch, light: _ShadowLight, casters: np.ndarray) -> None:
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
        program["clip"] = _columns(light.clip)
        program["highest_m"] = _CASTER_HEIGHT_M
        context.enable_direct(_CLIP_DISTANCE0)
        batch.render_some(casters)
        context.disable_direct(_CLIP_DISTANCE0)

    def _draw_surfaces(self, batch: DrawBatch, shot: Shot, visible: np.ndarray) -> None:
        """Draw the visible parts with textures and light, as if nothing cast shadows."""
        context = self._context
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.depth_func = "<="
        context.front_face = "cw"  # because row 0 is the top
        for program in self._batcher.programs["high_quality"]:
            program["numbered"] = self._software
            if "eye" in program:
                program["eye"] = shot.view.eye
        self._batcher.atlas.texture.use(0)
        batch.render_some(visible)

    def _draw_sections(self, batch: DrawBatch, clip: np.ndarray, cut: np.ndarray) -> None:
        """Fill solids that the near plane cuts open."""
        self._context.cull_face = "front"
        program = self._batcher.programs["section"][0]
        nearer = clip.copy()
        nearer[2] -= 1e-5 * clip[3]  # so that the bottom of a solid hides the floor on which it stands
        program["clip"] = _columns(nearer)
        program["highest_m"] = 1e9
        batch.render_some(cut)
        self._context.cull_face = "back"

    def _draw_background(self, shot: Shot) -> None:
        """Draw the background, darker towards the bottom."""
        steepness = math.tan(math.radians(shot.view.fov_deg) / 2.0)
        top = -steepness * (1.0 + shot.view.shift[1])
        self._background_program["slope"] = (top, 2.0 * steepness / shot.height)
        self._context.disable(moderngl.CULL_FACE)
        self._background.render(moderngl.TRIANGLES, 3)

    def _draw_shadows(self, target: _Target, light: _ShadowLight, clip: np.ndarray) -> None:
        """Shade the pixels behind the columns of shadow."""
        context, program = self._context, self._shade_program
        target.shaded.color_mask = False, False, False, False
        target.shaded.clear(depth=1.0)
        target.shaded.color_mask = True, True, True, True
        target.shaded.use()
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = "<"
        width, height = target.shaded.size
        from_pixel = np.diag([2.0 / width, 2.0 / height, 2.0, 1.0])
        from_pixel[:3, 3] = -1.0
        to_texture = _TO_TEXTURE.copy()
        to_texture[2, 3] -= _BIAS_M / light.depth_m
        program["clip"] = _columns(clip)
        program["to_shadow"] = _columns(to_texture @ light.clip @ np.linalg.inv(clip) @ from_pixel)
        program["softness"] = light.softness
        program["numbered"] = self._software
        self._shadow_map.use(1)
        target.colours.use(2)
        target.depths.use(3)
        corners = light.columns[:, _CUBE_TRIANGLES].astype(np.float32)  # (n, 36, 3)
        buffer = context.buffer(corners.tobytes())
        array = context.simple_vertex_array(program, buffer, "in_position")
        array.render(moderngl.TRIANGLES)
        array.release()
        buffer.release()

    def release(self) -> None:
        """Free all framebuffers, programs and buffers."""
        for target in self._targets.values():
            target.release()
        _release(self._shadow_buffer)
        for thing in (self._tiles, self._background, self._background_program, self._shade_program):
            thing.release()

    def _target(self, size: tuple[int, int]) -> _Target:
        if size in self._targets:
            self._targets[size] = self._targets.pop(size)  # the one that was used last goes last
        else:
            if len(self._targets) >= _SIZES_KEPT:
                self._targets.pop(next(iter(self._targets))).release()
            context = self._context
            depths = context.depth_texture(size)
            depths.compare_func = ""
            colours = context.texture(size, 4)
            single = drawn = context.framebuffer([colours], depths)
            if not self._software:
                drawn = context.framebuffer(
                    [context.renderbuffer(size, 4, samples=_SAMPLES)],
                    context.depth_renderbuffer(size, samples=_SAMPLES),
                )
            # Software may read and write the same picture, pixel by pixel; a GPU may not.
            finished = colours if self._software else context.renderbuffer(size, 4)
            shaded = context.framebuffer([finished], context.depth_renderbuffer(size))
            self._targets[size] = _Target(drawn, single, colours, depths, shaded)
        return self._targets[size]


def _shadow_light(shot: Shot, boxes: PlacedBoxes, casters: np.ndarray, bodies: np.ndarray) -> _ShadowLight:
    """Return a distant light that just covers all casters, and the columns behind them."""
    direction = np.array(shot.light.direction, float)
    forward = -direction / (np.linalg.norm(direction) or 1.0)
    across = np.cross(forward, (0.0, 1.0, 0.0) if abs(forward[2]) > 0.99 else (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(across, forward), forward])  # (3, 3)
    boxes = PlacedBoxes(boxes.middles[casters], boxes.axes[casters])
    middles, reach = boxes.middles @ axes.T, boxes.reach(axes.T)
    lows, highs = middles - reach, middles + reach
    if not len(lows) or direction[2] <= 0.0:
        return _ShadowLight(np.eye(4), 0.0, 1.0, np.zeros((0, 8, 3)))
    low, high = lows.min(axis=0), highs.max(axis=0)
    size = high - low + 4.0 * _SOFTNESS_M
    clip = np.eye(4)
    clip[:3, :3] = axes * (2.0 / size)[:, None]
    clip[:3, 3] = -(high + low) / size
    groups = np.flatnonzero(np.diff(bodies, prepend=-1))
    columns = _shadow_columns(boxes, groups, -forward)
    return _ShadowLight(clip, _SOFTNESS_M / math.sqrt(size[0] * size[1]), size[2], columns)


def _shadow_columns(boxes: PlacedBoxes, groups: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """Return (n, 8, 3) corners of the columns between groups of boxes and the floor in which shadows can lie.

    Args:
        boxes: The boxes of all casters.
        groups: (n,) first box of each group.
        towards: (3,) direction towards the light.
    """
    slant = towards[:2] / towards[2]
    onto_floor = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-slant[0], -slant[1], 1.0]])  # (3, 3), heights stay
    middles, reach = boxes.middles @ onto_floor, boxes.reach(onto_floor)
    low = np.minimum.reduceat(middles - reach, groups) - 1.5 * _SOFTNESS_M
    high = np.maximum.reduceat(middles + reach, groups) + 1.5 * _SOFTNESS_M
    low[:, 2] = _BELOW_FLOOR_M
    corners = low[:, None] + _CUBE * (high - low)[:, None]  # (n, 8, 3)
    corners[..., :2] += corners[..., 2:] * slant
    return corners


def _columns(matrix: np.ndarray) -> tuple[float, ...]:
    return tuple(matrix.T.ravel().tolist())


def _release(framebuffer: moderngl.Framebuffer) -> None:
    for attachment in (*framebuffer.color_attachments, framebuffer.depth_attachment):
        if attachment is not None:
            attachment.release()
    framebuffer.release()
