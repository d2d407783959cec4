"""The OpenGL renderer: draws all parts of all pictures in at most four draw calls and reads them back once."""

from __future__ import annotations

import itertools
import os
from collections import OrderedDict
from collections.abc import Sequence

import moderngl
import numpy as np

from envs.camera.opengl import shaders
from envs.camera.opengl.context import GlUnavailableError, give_back_context, is_software, open_context, refuse_fork_of
from envs.camera.opengl.draw_batch import DrawBatcher, LoadedScene
from envs.camera.opengl.framebuffer import LayeredFramebuffer, RgbReader, drop_alpha
from envs.camera.opengl.shadows import HighQualityPass
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from envs.camera.shot import CameraImage, Shot, common_size

_MAX_LAYERS = 256  # pictures drawn at a time on a GPU ...
_MAX_LAYERS_ON_CPU = 4  # ... and in software, where more of them do not fit the processor's cache
_FRAMEBUFFERS_KEPT = 16
_BACKGROUND_DEFINES: dict[str, tuple[str, ...]] = {"rgb": (), "more": ("MORE",)}
_ATTACHMENTS = {"rgb": (("f1", 4),), "more": (("f1", 4), ("f4", 1), ("i4", 1))}  # colour, distance, segmentation


class GlRenderer:
    """Renders with OpenGL 4.3 through EGL, on a GPU or in software. Create it in the process that uses it.

    Args:
        on_gpu: Never render in software.

    Raises:
        GlForkedError: This process was forked from one that had opened OpenGL.
        GlUnavailableError: EGL, OpenGL 4.3 or a required extension is missing, the driver renders wrongly, or there is
            no GPU and one is needed.
    """

    name = "gl"
    reason = ""

    def __init__(self, on_gpu: bool = False) -> None:
        self._context, self._on_gpu = open_context(on_gpu), on_gpu
        self._process = os.getpid()
        self.device = str(self._context.info["GL_RENDERER"])
        self._software = is_software(self._context)
        self._chunk = _MAX_LAYERS_ON_CPU if self._software else _MAX_LAYERS
        self._versions = itertools.count()
        self._scenes: dict[int, LoadedScene] = {}
        self._framebuffers: OrderedDict[tuple[str, tuple[int, int], int], LayeredFramebuffer] = OrderedDict()
        self._high_quality: HighQualityPass | None = None
        try:
            with self._context:
                self._make_resources()
                self._check_driver()
        except Exception as failure:  # drivers raise errors of any type; the message is kept
            self._context.release()
            raise GlUnavailableError(f"{self.device} can't render: {failure}") from failure

    def _make_resources(self) -> None:
        self._batcher = DrawBatcher(self._context)
        self._backgrounds = {name: self._background_array(*defines) for name, defines in _BACKGROUND_DEFINES.items()}
        self._tiles = self._context.buffer(reserve=TILE_BYTES * _MAX_LAYERS)
        self._poses = self._context.buffer(reserve=1 << 16)
        self._rgb_reader = None if self._software else RgbReader(self._context)

    def _background_array(self, *defines: str) -> moderngl.VertexArray:
        program = self._context.program(
            vertex_shader=shaders.assemble_shader(shaders.BACKGROUND_VERTEX, *defines),
            fragment_shader=shaders.assemble_shader(shaders.BACKGROUND_FRAGMENT, *defines),
        )
        return self._context.vertex_array(program, [])

    def _check_driver(self) -> None:
        """Draw two layers of known colours, so that a driver that can't do this fails here and not in a result."""
        target = LayeredFramebuffer(self._context, (2, 2), 2)
        colours = np.zeros((2, TILE_BYTES // 4), np.float32)
        colours[:, 28:31] = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
        self._tiles.write(colours)
        self._tiles.bind_to_storage_buffer(0)
        target.framebuffer.use()
        target.framebuffer.clear(0.0, 1.0, 0.0, 1.0, depth=1.0)
        self._context.enable_only(moderngl.NOTHING)
        self._backgrounds["rgb"].render(moderngl.TRIANGLES, 3, instances=2)
        rgba = np.zeros((2, 2, 2, 4), np.uint8)
        target.read(0, rgba)
        target.release()
        if not ((rgba[0] == (255, 0, 0, 255)).all() and (rgba[1] == (0, 0, 255, 255)).all()):
            raise GlUnavailableError("a test picture has wrong colours")

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        refuse_fork_of(self._process)
        frames: list[CameraImage | None] = [None] * len(shots)
        groups: dict[tuple[int, int, bool], list[int]] = {}
        for number, shot in enumerate(shots):
            groups.setdefault((shot.width, shot.height, shot.high_quality), []).append(number)
        with self._context:
            for numbers in groups.values():
                for start in range(0, len(numbers), self._chunk):
                    chosen = numbers[start : start + self._chunk]
                    taken = self._render_chunk([shots[number] for number in chosen], depth, segmentation)
                    for number, frame in zip(chosen, taken, strict=True):
                        frames[number] = frame
        return [frame for frame in frames if frame is not None]

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        refuse_fork_of(self._process)
        width, height = common_size(shots)
        if out is None:
            out = np.empty((len(shots), height, width, 3), np.uint8)
        if not out.flags.c_contiguous:
            out[:] = self.render_rgb(shots)
            return out
        with self._context:
            for start in range(0, len(shots), self._chunk):
                chosen = shots[start : start + self._chunk]
                self._render_colours(chosen, out[start : start + len(chosen)])
        return out

    def refresh(self, client: int) -> None:
        self._scenes.pop(client, None)

    def forget(self, client: int) -> None:
        self._scenes.pop(client, None)

    def close(self) -> None:
        if self._process != os.getpid():
            return  # the device belongs to the process that opened it
        with self._context:
            for target in self._framebuffers.values():
                target.release()
            if self._high_quality:
                self._high_quality.release()
            self._batcher.release()
            if self._rgb_reader is not None:
                self._rgb_reader.release()
            for array in self._backgrounds.values():
                array.program.release()
                array.release()
            for buffer in (self._tiles, self._poses):
                buffer.release()
        self._framebuffers.clear()
        self._scenes.clear()
        give_back_context(self._context, self._on_gpu)

    def _render_chunk(self, shots: Sequence[Shot], depth: bool, segmentation: bool) -> list[CameraImage]:
        """Render at most ``_chunk`` shots of one size and quality."""
        shape = (len(shots), shots[0].height, shots[0].width)
        rgb = np.empty((*shape, 3), np.uint8)
        distances: np.ndarray | list[None] = [None] * len(shots)
        ids: np.ndarray | list[None] = [None] * len(shots)
        if depth or segmentation:
            target = self._draw(shots, "more")
            if depth:
                distances = np.empty(shape, np.float32)
                target.read(1, distances)
            if segmentation:
                ids = np.empty(shape, np.int32)
                target.read(2, ids)
            self._read_rgb(target, rgb)
        if shots[0].high_quality or not (depth or segmentation):
            self._render_colours(shots, rgb)
        return [CameraImage(*planes) for planes in zip(rgb, distances, ids, strict=True)]

    def _render_colours(self, shots: Sequence[Shot], out: np.ndarray) -> None:
        """Render the colours of at most ``_chunk`` shots of one size into ``out``."""
        if not any(shot.high_quality for shot in shots):
            self._read_rgb(self._draw(shots, "rgb"), out)
            return
        for shot, row in zip(shots, out, strict=True):
            if shot.high_quality:
                self._draw_high_quality(shot, row)
            else:
                self._read_rgb(self._draw([shot], "rgb"), row[None])

    def _draw(self, shots: Sequence[Shot], name: str) -> LayeredFramebuffer:
        context = self._context
        scenes = [self._loaded_scene(shot.client) for shot in shots]
        self._upload_poses(scenes)
        batch = self._batcher.batch(name, scenes, list(self._scenes.values()))
        target = self._framebuffer(name, (shots[0].width, shots[0].height), len(shots))
        self._tiles.write(np.array([pack_tile(shot) for shot in shots], np.float32))
        self._tiles.bind_to_storage_buffer(0)
        self._batcher.atlas.texture.use(0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.depth_func = "<="  # the later of two equal depths wins, as in TinyRenderer
        context.front_face = "cw"  # because row 0 is the top
        target.framebuffer.use()
        background = shots[0].background
        target.framebuffer.clear(*background, 1.0, depth=1.0)
        batch.render()
        if name == "more" or any(shot.background != background for shot in shots):
            context.disable(moderngl.CULL_FACE)
            self._backgrounds[name].render(moderngl.TRIANGLES, 3, instances=len(shots))
        return target

    def _draw_high_quality(self, shot: Shot, out: np.ndarray) -> None:
        self._high_quality = self._high_quality or HighQualityPass(self._context, self._batcher, self._software)
        loaded = self._loaded_scene(shot.client)
        poses = self._upload_poses([loaded])
        self._high_quality.render(shot, loaded, list(self._scenes.values()), poses, out)

    def _read_rgb(self, target: LayeredFramebuffer, out: np.ndarray) -> None:
        if self._rgb_reader is not None and self._rgb_reader.fits(out):
            self._rgb_reader.read(target, out)
            return
        rgba = np.empty((*out.shape[:3], 4), np.uint8)
        target.read(0, rgba)
        drop_alpha(rgba, out)

    def _framebuffer(self, name: str, size: tuple[int, int], layers: int) -> LayeredFramebuffer:
        key = (name, size, layers)
        if key not in self._framebuffers:
            self._framebuffers[key] = LayeredFramebuffer(self._context, size, layers, _ATTACHMENTS[name])
            if len(self._framebuffers) > _FRAMEBUFFERS_KEPT:
                self._framebuffers.popitem(last=False)[1].release()
        self._framebuffers.move_to_end(key)
        return self._framebuffers[key]

    def _loaded_scene(self, client: int) -> LoadedScene:
        loaded = self._scenes.get(client)
        if loaded is None or not loaded.scene.is_current():
            loaded = self._scenes[client] = LoadedScene.read(client, self._versions)
        return loaded

    def _upload_poses(self, scenes: Sequence[LoadedScene]) -> np.ndarray:
        """Bind the current poses of the distinct scenes for the shaders and return them, (frames, 8)."""
        flat: list[float] = []
        for loaded in {loaded.version: loaded for loaded in scenes}.values():
            flat += loaded.scene.poses()
        poses = np.array(flat, np.float32)
        if poses.nbytes > self._poses.size:
            self._poses.orphan(2 * poses.nbytes)
        if poses.nbytes:
            self._poses.write(poses)
        self._poses.bind_to_storage_buffer(1)
        return poses.reshape(-1, 8)
