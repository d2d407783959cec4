"""Everything that stays from picture to picture on the device: textures, meshes, instances and draw commands."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import moderngl
import numpy as np

from envs.camera.meshes.tessellation import Mesh
from envs.camera.opengl import shaders
from envs.camera.opengl.mesh_store import MeshStore
from envs.camera.opengl.texture_atlas import TextureAtlas
from envs.camera.scene import Scene, VisualPart

# A pass is a way to draw a world. Each has one program per kind of part, told apart by what is known beforehand.
_KINDS = (("FLAT", "PLAIN"), ("FLAT",), ("PLAIN",), ())
PASSES: dict[str, tuple[tuple[str, ...], ...]] = {
    "rgb": _KINDS,
    "more": tuple((*kind, "MORE") for kind in _KINDS),
    "pretty": (("PRETTY", "PLAIN"), ("PRETTY",)),
    "section": ((),),
    "shadow": ((),),
}
SOURCES = {
    "rgb": (shaders.VERTEX, shaders.FRAGMENT),
    "more": (shaders.VERTEX, shaders.FRAGMENT),
    "pretty": (shaders.VERTEX, shaders.PRETTY_FRAGMENT),
    "section": (shaders.SHAPE_VERTEX, shaders.SECTION_FRAGMENT),
    "shadow": (shaders.SHAPE_VERTEX, shaders.SHADOW_FRAGMENT),
}
CASTER_RADIUS_M = 1.0  # larger things, walls and ceilings above all, cast no shadow in pretty pictures
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
    """A scene with a number of its own for every time that it was read."""

    scene: Scene
    version: int
    instances: np.ndarray  # (parts,) of _INSTANCE, all of tile 0, without texture places

    @classmethod
    def read(cls, client: int, versions: itertools.count[int]) -> LoadedScene:
        """Read what a client holds now."""
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
    """One call: all parts of a kind."""

    array: moderngl.VertexArray
    commands: moderngl.Buffer
    command_count: int
    instances: moderngl.Buffer


class DrawBatch(NamedTuple):
    """What to draw for one list of worlds in one pass."""

    draws: tuple[DrawCall, ...]

    def render(self) -> None:
        for draw in self.draws:
            draw.array.render_indirect(draw.commands, moderngl.TRIANGLES, draw.command_count)

    def release(self) -> None:
        for draw in self.draws:
            for thing in (draw.array, draw.commands, draw.instances):
                thing.release()


class DrawBatcher:
    """Makes batches and keeps the latest; owns the programs, the textures and the meshes.

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

    def batch(self, name: str, worlds: Sequence[LoadedScene], live: Sequence[LoadedScene]) -> DrawBatch:
        """The batch of a pass over these worlds, one tile each; ``live`` are all worlds that may be drawn again."""
        key = (name, *(world.version for world in worlds))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._build(name, worlds, live)
            if len(self._kept) > _BATCHES_KEPT:
                self._kept.popitem(last=False)[1].release()
        self._kept.move_to_end(key)
        return found

    def release(self) -> None:
        self._drop_batches()
        self.atlas.release()
        self._meshes.release()

    def _drop_batches(self) -> None:
        for batch in self._kept.values():
            batch.release()
        self._kept.clear()

    def _build(self, name: str, worlds: Sequence[LoadedScene], live: Sequence[LoadedScene]) -> DrawBatch:
        parts = [part for world in worlds for part in world.scene.parts]
        meshes = [_mesh(part, name) for part in parts]
        self._ensure_loaded(parts, meshes, live)
        instances = np.concatenate([world.instances for world in worlds])
        counts = [len(world.instances) for world in worlds]
        instances["tile"] = np.repeat(np.arange(len(worlds)), counts)
        instances["frame"] += np.repeat(pose_row_offsets(worlds), counts)
        rects = {image: self.atlas.rect(image) for image in {part.texture for part in parts} if image}
        for row, part in enumerate(parts):
            if part.texture:
                instances["rect"][row] = rects[part.texture]
        kinds = np.array([_kind(part, name) for part in parts])
        slots = np.array([self._meshes.slot(mesh) for mesh in meshes], np.uint32).reshape(-1, 3)
        draws: list[DrawCall] = []
        for kind, program in enumerate(self.programs[name]):
            rows = np.flatnonzero(kinds == kind)
            if not len(rows):
                continue
            rows = rows[np.argsort(slots[rows, 1], kind="stable")]  # all parts of one mesh make one command
            _, begins, lengths = np.unique(slots[rows, 1], return_index=True, return_counts=True)
            indices, first_index, first_vertex = slots[rows[begins]].T
            commands = np.stack([indices, lengths, first_index, first_vertex, begins], 1).astype(np.uint32)
            buffers = self._context.buffer(commands.tobytes()), self._context.buffer(instances[rows].tobytes())
            draws.append(DrawCall(self._array(program, buffers[1]), buffers[0], len(commands), buffers[1]))
        return DrawBatch(tuple(draws))

    def _ensure_loaded(self, parts: Sequence[VisualPart], meshes: Sequence[Mesh], live: Sequence[LoadedScene]) -> None:
        """Bring textures and meshes to the device; if they had to move, no earlier batch is of use any more."""
        before = self.atlas.version, self._meshes.version
        images = {part.texture for part in parts if part.texture}
        kept = [part for world in live for part in world.scene.parts]
        self.atlas.ensure_loaded(images, {part.texture for part in kept if part.texture})
        self._meshes.ensure_loaded(meshes, [mesh for part in kept for mesh in {part.mesh, part.fine_mesh}])
        if (self.atlas.version, self._meshes.version) != before:
            self._drop_batches()

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


def pose_row_offsets(worlds: Sequence[LoadedScene]) -> list[int]:
    """Where each world's poses begin when those of the distinct worlds are laid end to end."""
    first: dict[int, int] = {}
    total = 0
    for world in worlds:
        if world.version not in first:
            first[world.version] = total
            total += world.scene.frames
    return [first[world.version] for world in worlds]


def _mesh(part: VisualPart, name: str) -> Mesh:
    return part.mesh if name in ("rgb", "more") else part.fine_mesh


def _kind(part: VisualPart, name: str) -> int:
    """The index of a part's program in its pass; -1 to leave it out."""
    if name == "shadow":
        return 0 if part.radius_m < CASTER_RADIUS_M else -1
    if name == "section":
        return 0
    textured = int(part.texture is not None)
    return textured if name == "pretty" else textured + 2 * (not part.mesh.flat)


def _fields(program: moderngl.Program, layout: tuple[tuple[str, int, str], ...]) -> tuple[str, list[str]]:
    """A moderngl buffer format, with padding in the place of attributes that the program has no use for."""
    formats = [kind if name in program else f"{size}x" for kind, size, name in layout]
    return " ".join(formats), [name for _, _, name in layout if name in program]
