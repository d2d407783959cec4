"""State on the device between pictures: programs, textures, meshes, instances and draw commands."""

from __future__ import annotations

import itertools
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import moderngl
import numpy as np

from envs.camera.meshes.tessellation import Mesh
from envs.camera.opengl import shaders
from envs.camera.opengl.mesh_store import MeshStore
from envs.camera.opengl.texture_atlas import TextureAtlas
from envs.camera.scene import Scene, VisualPart
from envs.camera.shot import split_segmentation
from envs.camera.visibility import PartBoxes, part_boxes

# A pass is a way to draw a scene. It has one program for each kind of part; see shaders.py for the kinds.
_KINDS = (("FLAT", "PLAIN"), ("FLAT",), ("PLAIN",), ())
PASSES: dict[str, tuple[tuple[str, ...], ...]] = {
    "rgb": _KINDS,
    "more": tuple((*kind, "MORE") for kind in _KINDS),
    "high_quality": _KINDS,
    "section": ((),),
    "shadow": ((),),
}
SOURCES = {
    "rgb": (shaders.VERTEX, shaders.FRAGMENT),
    "more": (shaders.VERTEX, shaders.FRAGMENT),
    "high_quality": (shaders.HIGH_QUALITY_VERTEX, shaders.HIGH_QUALITY_FRAGMENT),
    "section": (shaders.SHAPE_VERTEX, shaders.SECTION_FRAGMENT),
    "shadow": (shaders.SHAPE_VERTEX, shaders.SHADOW_FRAGMENT),
}
CASTER_RADIUS_M = 1.0  # larger parts, mostly walls and ceilings, cast no shadow in high-quality pictures
_RANKS = 16  # parts of one plane with different ranks are drawn without flicker in high-quality pictures
_BATCHES_KEPT = 16
_VERTEX_LAYOUT = (("3f", 12, "in_position"), ("3f", 12, "in_normal"), ("2f", 8, "in_uv"))
_INSTANCE_LAYOUT = (
    ("3f", 12, "in_place"),
    ("4f", 16, "in_turn"),
    ("3f", 12, "in_scale"),
    ("4f", 16, "in_rgba"),
    ("4f", 16, "in_rect"),
    ("3i", 12, "in_ids"),
)
_INSTANCE = np.dtype(
    [
        ("place", np.float32, 3),
        ("turn", np.float32, 4),
        ("scale", np.float32, 3),
        ("rgba", np.float32, 4),
        ("rect", np.float32, 4),
        ("tile", np.int32),
        ("frame", np.int32),
        ("segmentation", np.int32),
    ]
)


@dataclass(frozen=True, eq=False)
class LoadedScene:
    """A scene as it was read once, with a unique version number."""

    scene: Scene
    version: int
    instances: np.ndarray  # (parts,) of _INSTANCE, all of tile 0 and without texture places

    @cached_property
    def boxes(self) -> PartBoxes:
        """The boxes around all parts."""
        return part_boxes(self.scene.parts)

    @cached_property
    def casters(self) -> np.ndarray:
        """(parts,) bool: the parts that cast shadows."""
        return np.array([part.radius_m < CASTER_RADIUS_M for part in self.scene.parts], bool)

    @cached_property
    def bodies(self) -> np.ndarray:
        """(parts,) numbers that parts next to each other share if they belong to one small thing."""
        small = [part.reach_m < 1.5 * CASTER_RADIUS_M for part in self.scene.parts]
        rows = [part.pose_row for part in self.scene.parts]
        return np.array([row if few else -2 - n for n, (row, few) in enumerate(zip(rows, small, strict=True))], int)

    @classmethod
    def read(cls, client: int, versions: itertools.count[int]) -> LoadedScene:
        """Read the current contents of a client."""
        scene = Scene(client)
        instances = np.zeros(len(scene.parts), _INSTANCE)
        for row, part in zip(instances, scene.parts, strict=True):
            row["place"], row["turn"], row["scale"], row["rgba"] = (
                part.position,
                part.orientation,
                part.scale,
                part.rgba,
            )
            row["frame"], row["segmentation"] = part.pose_row, part.segmentation
        return cls(scene, next(versions), instances)


class DrawCall(NamedTuple):
    """One draw call: all parts of one kind."""

    array: moderngl.VertexArray
    commands: moderngl.Buffer
    command_count: int
    instances: moderngl.Buffer
    parts: np.ndarray  # (n,) places of the drawn parts in the lists of all parts
    contents: np.ndarray  # (n,) of _INSTANCE
    slots: np.ndarray  # (n, 3) of MeshSlot


class DrawBatch(NamedTuple):
    """The draw calls of one pass over a list of scenes."""

    draws: tuple[DrawCall, ...]

    def render(self) -> None:
        """Draw into the current framebuffer."""
        for draw in self.draws:
            draw.array.render_indirect(draw.commands, moderngl.TRIANGLES, draw.command_count)

    def render_some(self, chosen: np.ndarray) -> None:
        """Draw only the chosen parts, (parts,) bool, into the current framebuffer; ``render`` is spoilt by this."""
        for draw in self.draws:
            rows = np.flatnonzero(chosen[draw.parts])
            if len(rows):
                commands = _commands(draw.slots[rows])
                draw.instances.write(draw.contents[rows].tobytes())
                draw.commands.write(commands.tobytes())
                draw.array.render_indirect(draw.commands, moderngl.TRIANGLES, len(commands))

    def release(self) -> None:
        """Free the buffers of all draw calls."""
        for draw in self.draws:
            for thing in (draw.array, draw.commands, draw.instances):
                thing.release()


class DrawBatcher:
    """Makes draw batches and keeps the latest ones; owns the programs, textures and meshes.

    Attributes:
        programs: By pass, one per kind of part.
        atlas: The textures.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.programs = {
            name: [
                context.program(
                    vertex_shader=shaders.assemble_shader(SOURCES[name][0], *kind),
                    fragment_shader=shaders.assemble_shader(SOURCES[name][1], *kind),
                )
                for kind in kinds
            ]
            for name, kinds in PASSES.items()
        }
        self.atlas = TextureAtlas(context)
        self._meshes = MeshStore(context)
        self._kept: OrderedDict[tuple[object, ...], DrawBatch] = OrderedDict()

    def batch(self, name: str, scenes: Sequence[LoadedScene], live: Sequence[LoadedScene]) -> DrawBatch:
        """Return the batch of a pass over scenes, one tile each; ``live`` are all scenes that may be drawn again."""
        key = (name, *(loaded.version for loaded in scenes))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._build(name, scenes, live)
            if len(self._kept) > _BATCHES_KEPT:
                self._kept.popitem(last=False)[1].release()
        self._kept.move_to_end(key)
        return found

    def release(self) -> None:
        """Free the batches, programs, textures and meshes."""
        self._drop_batches()
        for program in itertools.chain.from_iterable(self.programs.values()):
            program.release()
        self.atlas.release()
        self._meshes.release()

    def _drop_batches(self) -> None:
        for batch in self._kept.values():
            batch.release()
        self._kept.clear()

    def _build(self, name: str, scenes: Sequence[LoadedScene], live: Sequence[LoadedScene]) -> DrawBatch:
        parts = [part for loaded in scenes for part in loaded.scene.parts]
        meshes = [_mesh(part, name) for part in parts]
        self._ensure_loaded(parts, meshes, live)
        instances = self._instances(scenes, parts)
        if name == "high_quality":
            instances["tile"] = np.arange(len(parts)) % _RANKS
            instances["segmentation"] = _surface_numbers(parts)
        kinds = np.array([_kind(part, name) for part in parts])
        slots = np.array([self._meshes.slot(mesh) for mesh in meshes], np.uint32).reshape(-1, 3)
        draws: list[DrawCall] = []
        for kind, program in enumerate(self.programs[name]):
            rows = np.flatnonzero(kinds == kind)
            if len(rows):
                draws.append(self._draw_call(program, rows, instances[rows], slots[rows]))
        return DrawBatch(tuple(draws))

    def _instances(self, scenes: Sequence[LoadedScene], parts: Sequence[VisualPart]) -> np.ndarray:
        """Return the parts of all scenes, (parts,) of _INSTANCE, with their tiles, pose rows and texture places."""
        instances = np.concatenate([loaded.instances for loaded in scenes])
        counts = [len(loaded.instances) for loaded in scenes]
        instances["tile"] = np.repeat(np.arange(len(scenes)), counts)
        instances["frame"] += np.repeat(pose_row_offsets(scenes), counts)
        rects = {image: self.atlas.rect(image) for image in {part.texture for part in parts} if image}
        for row, part in enumerate(parts):
            if part.texture:
                instances["rect"][row] = rects[part.texture]
        return instances

    def _draw_call(
        self, program: moderngl.Program, parts: np.ndarray, instances: np.ndarray, slots: np.ndarray
    ) -> DrawCall:
        """Return one call that draws instances of ``parts``, (n,), whose meshes lie at ``slots``, (n, 3)."""
        order = np.argsort(slots[:, 1], kind="stable")  # all parts of one mesh make one command
        parts, instances, slots = parts[order], instances[order], slots[order]
        commands = _commands(slots)
        command_buffer = self._context.buffer(commands.tobytes())
        instance_buffer = self._context.buffer(instances.tobytes())
        array = self._array(program, instance_buffer)
        return DrawCall(array, command_buffer, len(commands), instance_buffer, parts, instances, slots)

    def _ensure_loaded(self, parts: Sequence[VisualPart], meshes: Sequence[Mesh], live: Sequence[LoadedScene]) -> None:
        """Load textures and meshes; if loaded ones moved, drop the earlier batches, which point to the old places."""
        before = self.atlas.version, self._meshes.version
        images = {part.texture for part in parts if part.texture}
        kept = [part for loaded in live for part in loaded.scene.parts]
        self.atlas.ensure_loaded(images, {part.texture for part in kept if part.texture})
        self._meshes.ensure_loaded(meshes, [mesh for part in kept for mesh in {part.mesh, part.fine_mesh}])
        if (self.atlas.version, self._meshes.version) != before:
            self._drop_batches()
        for part in parts:
            if part.texture in self.atlas.problems:
                body, link = split_segmentation(part.segmentation)
                problem = self.atlas.problems[part.texture]
                warnings.warn(f"the texture '{part.texture}' of body {body} link {link} {problem}", stacklevel=2)

    def _array(self, program: moderngl.Program, instances: moderngl.Buffer) -> moderngl.VertexArray:
        vertex, vertex_names = _fields(program, _VERTEX_LAYOUT)
        instance, instance_names = _fields(program, _INSTANCE_LAYOUT)
        return self._context.vertex_array(
            program,
            [
                (self._meshes.vertices, vertex, *vertex_names),
                (instances, instance + " /i", *instance_names),
            ],
            index_buffer=self._meshes.indices,
            index_element_size=4,
        )


def pose_row_offsets(scenes: Sequence[LoadedScene]) -> list[int]:
    """Return the first pose row of each scene when the poses of the distinct scenes are concatenated."""
    first: dict[int, int] = {}
    total = 0
    for loaded in scenes:
        if loaded.version not in first:
            first[loaded.version] = total
            total += loaded.scene.frames
    return [first[loaded.version] for loaded in scenes]


def _commands(slots: np.ndarray) -> np.ndarray:
    """Return the draw commands, (c, 5) uint32, of instances in the order of their meshes, which lie at ``slots``."""
    _, begins, lengths = np.unique(slots[:, 1], return_index=True, return_counts=True)
    index_count, first_index, first_vertex = slots[begins].T
    return np.stack([index_count, lengths, first_index, first_vertex, begins], 1).astype(np.uint32)


def _surface_numbers(parts: Sequence[VisualPart]) -> np.ndarray:
    """Return (parts,) numbers from 1 to 15 that tell neighbours in a picture apart; few share one."""
    large = np.array([part.radius_m >= CASTER_RADIUS_M for part in parts], bool)
    order = np.arange(len(parts))
    return np.where(large, 1 + order % 4, 5 + order % 11)


def _mesh(part: VisualPart, name: str) -> Mesh:
    return part.mesh if name in ("rgb", "more") else part.fine_mesh


def _kind(part: VisualPart, name: str) -> int:
    """Return the index of a part's program in a pass, or -1 to leave the part out."""
    if name == "shadow":
        return 0 if part.radius_m < CASTER_RADIUS_M else -1
    if name == "section":
        return 0
    textured = int(part.texture is not None)
    return textured + 2 * (not _mesh(part, name).flat)


def _fields(program: moderngl.Program, layout: tuple[tuple[str, int, str], ...]) -> tuple[str, list[str]]:
    """Return a moderngl buffer format and its attributes, with padding for attributes that the program does not use."""
    formats = [kind if name in program else f"{size}x" for kind, size, name in layout]
    return " ".join(formats), [name for _, _, name in layout if name in program]
