"""The OpenGL renderer: all parts of all pictures in at most four draw calls, one readback."""

from __future__ import annotations

import itertools
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np
import pybullet

from envs.camera.opengl import shaders
from envs.camera.opengl.draw_batch import DrawBatcher, LoadedScene
from envs.camera.opengl.framebuffer import LayeredFramebuffer
from envs.camera.opengl.shadows import PrettyPass
from envs.camera.opengl.tile import TILE_BYTES, pack_tile
from envs.camera.shot import CameraImage, Shot, common_size

_MOST_LAYERS = 64  # pictures drawn at a time on a GPU ...
_MOST_LAYERS_ON_CPU = 4  # ... and by a software OpenGL, where more than these outgrow the processor's cache
_TARGETS_KEPT = 16
_BACKGROUND_DEFINES: dict[str, tuple[str, ...]] = {"rgb": (), "more": ("MORE",)}
_ATTACHMENTS = {"rgb": (("f1", 4),), "more": (("f1", 4), ("f4", 1), ("i4", 1))}  # colour, distance, segmentation


class GlUnavailableError(RuntimeError):
    """No usable OpenGL on this machine."""


class GlForkedError(GlUnavailableError):
    """This process is a fork of one that had opened OpenGL."""


class GlRenderer:
    """Draws with OpenGL 4.3 through EGL, on a GPU or in software; make it in the process that uses it.

    Raises:
        GlUnavailableError: There is no EGL, no OpenGL 4.3, or a needed extension is missing; or, ``GlForkedError``,
            the process was forked from one that had opened OpenGL.
    """

    name = "gl"
    reason = ""

    def __init__(self) -> None:
        self._context = _open_context()
        self._process = os.getpid()
        self.device = str(self._context.info["GL_RENDERER"])
        software = any(name in self.device.lower() for name in ("llvmpipe", "softpipe", "swiftshader"))
        self._chunk = _MOST_LAYERS_ON_CPU if software else _MOST_LAYERS
        self._versions = itertools.count()
        self._scenes: dict[int, LoadedScene] = {}
        self._framebuffers: OrderedDict[tuple[str, tuple[int, int], int], LayeredFramebuffer] = OrderedDict()
        self._pretty: PrettyPass | None = None
        try:
            self._batcher = DrawBatcher(self._context)
            self._backgrounds = {name: self._background(*defines) for name, defines in _BACKGROUND_DEFINES.items()}
            self._tiles = self._context.buffer(reserve=TILE_BYTES * _MOST_LAYERS)
            self._poses = self._context.buffer(reserve=1 << 16)
            self._probe()
        except Exception as failure:  # drivers raise what they like; it is all recorded in the error
            self._context.release()
            raise GlUnavailableError(f"{self.device} can't do what is needed: {failure}") from failure

    def _background(self, *defines: str) -> moderngl.VertexArray:
        program = self._context.program(
            vertex_shader=shaders.assemble_shader(shaders.BACKGROUND_VERTEX, *defines),
            fragment_shader=shaders.assemble_shader(shaders.BACKGROUND_FRAGMENT, *defines),
        )
        return self._context.vertex_array(program, [])

    def _probe(self) -> None:
        """Draw two layers of known colours, so that a driver that can't is found out now and not in a result."""
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
            raise GlUnavailableError("a trial picture came out wrong")

    def render(self, shots: Sequence[Shot], depth: bool = False, segmentation: bool = False) -> list[CameraImage]:
        _refuse_fork_of(self._process)
        frames: list[CameraImage | None] = [None] * len(shots)
        groups: dict[tuple[int, int, bool], list[int]] = {}
        for number, shot in enumerate(shots):
            groups.setdefault((shot.width, shot.height, shot.pretty), []).append(number)
        with self._context:
            for numbers in groups.values():
                for start in range(0, len(numbers), self._chunk):
                    chosen = numbers[start : start + self._chunk]
                    taken = self._frames([shots[number] for number in chosen], depth, segmentation)
                    for number, frame in zip(chosen, taken, strict=True):
                        frames[number] = frame
        return [frame for frame in frames if frame is not None]

    def render_rgb(self, shots: Sequence[Shot], out: np.ndarray | None = None) -> np.ndarray:
        _refuse_fork_of(self._process)
        width, height = common_size(shots)
        if out is None:
            out = np.empty((len(shots), height, width, 3), np.uint8)
        if not out.flags.c_contiguous:
            out[:] = self.render_rgb(shots)
            return out
        with self._context:
            for start in range(0, len(shots), self._chunk):
                chosen = shots[start : start + self._chunk]
                self._colours(chosen, out[start : start + len(chosen)])
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
            if self._pretty:
                self._pretty.release()
            self._batcher.release()
        self._framebuffers.clear()
        self._scenes.clear()
        self._context.release()

    def _frames(self, shots: Sequence[Shot], depth: bool, segmentation: bool) -> list[CameraImage]:
        """Pictures of one size and prettiness, at most ``_chunk`` of them."""
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
            self._pack(target, rgb)
        if shots[0].pretty or not (depth or segmentation):
            self._colours(shots, rgb)
        return [CameraImage(*planes) for planes in zip(rgb, distances, ids, strict=True)]

    def _colours(self, shots: Sequence[Shot], out: np.ndarray) -> None:
        """Pictures of one size, at most ``_chunk`` of them, into ``out``."""
        if not any(shot.pretty for shot in shots):
            self._pack(self._draw(shots, "rgb"), out)
            return
        for shot, row in zip(shots, out, strict=True):
            if shot.pretty:
                self._draw_pretty(shot, row)
            else:
                self._pack(self._draw([shot], "rgb"), row[None])

    def _draw(self, shots: Sequence[Shot], name: str) -> LayeredFramebuffer:
        context = self._context
        worlds = [self._scene(shot.client) for shot in shots]
        self._upload_poses(worlds)
        batch = self._batcher.batch(name, worlds, list(self._scenes.values()))
        target = self._framebuffer(name, (shots[0].width, shots[0].height), len(shots))
        self._tiles.write(np.array([pack_tile(shot) for shot in shots], np.float32))
        self._tiles.bind_to_storage_buffer(0)
        self._batcher.atlas.texture.use(0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.depth_func = "<="  # of two equal depths the later one wins, as in TinyRenderer
        context.front_face = "cw"  # because rows run downwards
        target.framebuffer.use()
        background = shots[0].background
        target.framebuffer.clear(*background, 1.0, depth=1.0)
        batch.render()
        if name == "more" or any(shot.background != background for shot in shots):
            context.disable(moderngl.CULL_FACE)
            self._backgrounds[name].render(moderngl.TRIANGLES, 3, instances=len(shots))
        return target

    def _draw_pretty(self, shot: Shot, out: np.ndarray) -> None:
        self._pretty = self._pretty or PrettyPass(self._context, self._batcher)
        world = self._scene(shot.client)
        poses = self._upload_poses([world])
        framebuffer = self._pretty.render(shot, world, list(self._scenes.values()), poses)
        rgba = np.empty((1, shot.height, shot.width, 4), np.uint8)
        framebuffer.read_into(rgba, components=4)
        _drop_alpha(rgba, out[None])

    def _pack(self, target: LayeredFramebuffer, out: np.ndarray) -> None:
        rgba = np.empty((*out.shape[:3], 4), np.uint8)
        target.read(0, rgba)
        _drop_alpha(rgba, out)

    def _framebuffer(self, name: str, size: tuple[int, int], layers: int) -> LayeredFramebuffer:
        key = (name, size, layers)
        if key not in self._framebuffers:
            self._framebuffers[key] = LayeredFramebuffer(self._context, size, layers, _ATTACHMENTS[name])
            if len(self._framebuffers) > _TARGETS_KEPT:
                self._framebuffers.popitem(last=False)[1].release()
        self._framebuffers.move_to_end(key)
        return self._framebuffers[key]

    def _scene(self, client: int) -> LoadedScene:
        world = self._scenes.get(client)
        if world is None or len(world.scene.bodies) != pybullet.getNumBodies(client):
            world = self._scenes[client] = LoadedScene.read(client, self._versions)
        return world

    def _upload_poses(self, worlds: Sequence[LoadedScene]) -> np.ndarray:
        """Read where everything is and bind it for the shaders; (frames, 8) of the distinct worlds in order."""
        flat: list[float] = []
        for world in {world.version: world for world in worlds}.values():
            flat += world.scene.poses()
        poses = np.array(flat, np.float32)
        if poses.nbytes > self._poses.size:
            self._poses.orphan(2 * poses.nbytes)
        if poses.nbytes:
            self._poses.write(poses)
        self._poses.bind_to_storage_buffer(1)
        return poses.reshape(-1, 8)


_opener: int | None = None  # the process that first opened OpenGL: this one, or one that it was forked from


def _refuse_fork_of(process: int | None) -> None:
    """Drivers' threads are not there in a forked process, and whoever waits for them waits for ever."""
    if process not in (None, os.getpid()):
        raise GlForkedError(
            "OpenGL does not outlive a fork, and this process was forked from one that had opened it: start processes "
            "by 'spawn' or 'forkserver' (AsyncVectorEnv takes context='spawn')"
        )


def _open_context() -> moderngl.Context:
    global _opener
    _refuse_fork_of(_opener)
    _opener = os.getpid()
    backend: dict[str, Any] = {"backend": "egl"}
    try:
        context = moderngl.create_standalone_context(require=430, **backend)
    except Exception as failure:  # drivers raise what they like; it is all recorded in the error
        raise GlUnavailableError(f"no OpenGL 4.3 through EGL: {failure}") from failure
    if "GL_ARB_shader_viewport_layer_array" not in context.extensions:
        context.release()
        raise GlUnavailableError("this OpenGL lacks ARB_shader_viewport_layer_array")
    return context


def _drop_alpha(rgba: np.ndarray, out: np.ndarray) -> None:
    """(n, H, W, 4) to (n, H, W, 3), both contiguous.

    Pixels are copied as 4-byte words 3 bytes apart, front to back, each word's spare byte being overwritten by the next
    word: three times as fast as a strided copy by channels.
    """
    words = np.ndarray((out.size // 3 - 1,), np.uint32, out.data, strides=(3,))
    words[:] = rgba.view(np.uint32).reshape(-1)[:-1]
    out[-1, -1, -1] = rgba[-1, -1, -1, :3]
