"""Random worlds and what people do with them, drawn by both renderers.

By hand, from the repository's root: ``python tests/envs/camera/random_worlds.py 1000`` draws a thousand of them and
prints every body that differs without a warning; ``--first N`` begins with another one.
"""

from __future__ import annotations

import argparse
import itertools
import random
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pybullet as p
import pybullet_data
from PIL import Image

from envs.camera import Camera, Renderer, apply_texture, load_texture, make_renderer
from envs.camera.bodies.agreement import find_differences
from scenarios.common.errors import InputError

MODELS = Path(pybullet_data.getDataPath())
_MODEL_FILES = sorted(
    str(file.relative_to(MODELS))
    for pattern in ("*.urdf", "*/*.urdf", "*/*/*.urdf", "*.sdf", "*/*.sdf", "mjcf/*.xml")
    for file in MODELS.glob(pattern)
    if not {"random_urdfs", "gripper"} & set(file.parts) and file.stat().st_size < 30_000  # PyBullet dies of a gripper
)
_SIZE = {"width": 160, "height": 120}


class Outcome(NamedTuple):
    """What one world showed.

    Attributes:
        pictures: Pictures that were compared.
        warned: Bodies that differ, with a warning that names them.
        silent: Bodies that differ without a warning, in words.
    """

    pictures: int
    warned: int
    silent: tuple[str, ...]


class RandomWorld:
    """A client and the calls that are made on it."""

    def __init__(self, rng: random.Random, folder: Path) -> None:
        self.rng, self.folder, self.log = rng, folder, list[str]()
        self.client = p.connect(p.DIRECT)
        p.setAdditionalSearchPath(str(MODELS), physicsClientId=self.client)
        self.files = 0

    def do(self) -> None:
        """Make one random call."""
        calls: list[tuple[int, Callable[[], None]]] = [
            (6, self.add_shapes),
            (4, self.add_mesh),
            (3, self.add_robot),
            (2, self.add_model),
            (1, self.add_others),
            (5, self.change_colour),
            (4, self.put_texture),
            (1, self.put_plain_texture),
            (2, self.move),
            (1, self.remove),
            (1, self.reset),
        ]
        call = self.rng.choices([call for _, call in calls], [weight for weight, _ in calls])[0]
        self.log.append(call.__name__)
        call()

    def close(self) -> None:
        """Disconnect."""
        p.disconnect(self.client)

    def bodies(self) -> list[int]:
        """Return the ids of all bodies that PyBullet lists."""
        return [p.getBodyUniqueId(i, self.client) for i in range(p.getNumBodies(self.client))]

    def _numbers(self, count: int, low: float = -0.7, high: float = 0.7) -> tuple[float, ...]:
        return tuple(self.rng.uniform(low, high) for _ in range(count))

    def _colour(self) -> tuple[float, ...]:
        rgb = self._numbers(3, 0.0, 1.0) if self.rng.random() < 0.9 else self._numbers(3, -1.0, 3.0)
        return (*rgb, self.rng.choice((1.0, 1.0, 1.0, 0.5, 0.0)))

    def _turn(self) -> Any:
        return p.getQuaternionFromEuler(self._numbers(3, -3.1, 3.1))

    def _path(self, suffix: str) -> Path:
        self.files += 1
        return self.folder / f"{self.rng.choice(('a', 'my file', 'ä'))}{self.client}-{self.files}{suffix}"

    def shape(self) -> dict[str, Any]:
        """Return arguments for a visual shape."""
        size = self.rng.uniform(0.05, 0.4)
        return self.rng.choice(
            (
                {"shapeType": p.GEOM_BOX, "halfExtents": self._numbers(3, 0.05, 0.4)},
                {"shapeType": p.GEOM_SPHERE, "radius": size},
                {"shapeType": p.GEOM_CYLINDER, "radius": size, "length": self.rng.uniform(0.05, 0.8)},
                {"shapeType": p.GEOM_CAPSULE, "radius": size, "length": self.rng.uniform(0.05, 0.8)},
            )
        )

    def add_shapes(self) -> None:
        """Add a body of one shape, of several, of a batch, or of a collision shape only."""
        kind = self.rng.randrange(6)
        named = {"physicsClientId": self.client}
        inertial = self._numbers(3, -0.2, 0.2)
        if kind < 2:
            visual = p.createVisualShape(rgbaColor=self._colour(), **self.shape(), **named)
            p.createMultiBody(self.rng.choice((0, 1)), -1, visual, self._numbers(3), self._turn(), inertial, **named)
        elif kind == 2:
            shapes = [self.shape() for _ in range(self.rng.randrange(2, 5))]
            visual = p.createVisualShapeArray(
                [shape["shapeType"] for shape in shapes],
                halfExtents=[shape.get("halfExtents", (0, 0, 0)) for shape in shapes],
                radii=[shape.get("radius", 0.1) for shape in shapes],
                lengths=[shape.get("length", 0.1) for shape in shapes],
                rgbaColors=[self._colour() for _ in shapes],
                visualFramePositions=[self._numbers(3, -0.4, 0.4) for _ in shapes],
                visualFrameOrientations=[self._turn() for _ in shapes],
                **named,
            )
            p.createMultiBody(0, -1, visual, self._numbers(3), self._turn(), **named)
        elif kind == 3:
            visual = p.createVisualShape(rgbaColor=self._colour(), **self.shape(), **named)
            places = [self._numbers(3, -1.0, 1.0) for _ in range(self.rng.randrange(1, 12))]
            p.createMultiBody(0, -1, visual, batchPositions=places, **named)
        else:
            shape = self.shape()
            if "length" in shape:
                shape["height"] = shape.pop("length")
            collision = p.createCollisionShape(**shape, **named)
            flat = {"useMaximalCoordinates": kind == 5 and self.rng.random() < 0.3}
            p.createMultiBody(1, collision, -1, self._numbers(3), self._turn(), inertial, **flat, **named)

    def picture(self) -> Path:
        """Write a texture."""
        rng = np.random.Generator(np.random.PCG64(self.rng.randrange(1 << 30)))
        small = rng.integers(0, 256, (self.rng.randrange(1, 6), self.rng.randrange(1, 6), 3)).astype(np.uint8)
        image = Image.fromarray(np.kron(small, np.ones((self.rng.choice((1, 8, 30)),) * 2 + (1,), np.uint8)))
        kind = self.rng.choice(("rgb.png", "rgb.png", "p.png", "1.png", "rgba.png", "l.png", "rgb.jpg", "prog.jpg"))
        kind = self.rng.choice((kind, kind, "rgb.bmp", "rgb.tga", "cut.png"))
        path = self._path(kind)
        mode = {"p": "P", "1": "1", "rgba": "RGBA", "l": "L"}.get(kind.split(".")[0], "RGB")
        image.convert(mode).save(path, **({"progressive": True} if kind == "prog.jpg" else {}))
        if kind == "cut.png":
            path.write_bytes(path.read_bytes()[: self.rng.randrange(60)])
        return path

    def mesh(self) -> Path:
        """Write an OBJ or STL file."""
        corners = np.array([self._numbers(3, -0.5, 0.5) for _ in range(self.rng.randrange(4, 12))])
        every = list(itertools.combinations(range(len(corners)), 3))
        faces = [list(face) for face in self.rng.sample(every, min(len(every), self.rng.randrange(3, 20)))]
        faces += [face[::-1] for face in faces]
        if self.rng.random() < 0.2:
            return self._stl(corners, faces)
        blank, rng = self.rng.choice((" ", "\t", "  ")), self.rng
        path = self._path(".obj")
        lines = [f"mtllib{blank}{path.stem}.mtl"]
        lines += [f"v{blank}{x:.4f}{blank}{y:.4f}{blank}{z:.4f}" for x, y, z in corners]
        with_vt, with_vn = rng.random() < 0.7, rng.random() < 0.5
        lines += [f"vt{blank}{u:.3f} {v:.3f}" for u, v in (self._numbers(2, -0.5, 2.0) for _ in range(8)) if with_vt]
        normals = [self._numbers(3, -1.0, 1.0) if rng.random() < 0.95 else (0, 0, 0) for _ in range(8)]
        lines += [f"vn{blank}{x:.3f} {y:.3f} {z:.3f}" for x, y, z in normals if with_vn]
        for face in faces:
            if rng.random() < 0.2:
                lines.append(rng.choice(("g part", "o part", "usemtl a", "usemtl\tb", "usemtl my mat", "s off", "# x")))
            texts = [self._corner(number, len(corners), with_vt, with_vn) for number in face]
            lines.append(f"f{blank}" + blank.join(texts))
        path.write_text("\n".join(lines) + rng.choice(("\n", "", "\nusemtl b\n")))
        self._materials(path.with_suffix(".mtl"))
        return path

    def _corner(self, number: int, count: int, with_vt: bool, with_vn: bool) -> str:
        position = str(number + 1 if self.rng.random() < 0.8 else number - count)
        vt = str(self.rng.randrange(1, 9)) if with_vt and self.rng.random() < 0.95 else ""
        vn = str(self.rng.randrange(1, 9)) if with_vn and self.rng.random() < 0.95 else ""
        return f"{position}/{vt}/{vn}" if vn else f"{position}/{vt}" if vt else position

    def _materials(self, path: Path) -> None:
        lines: list[str] = []
        for name in ("a", "b", "my mat"):
            image = self.picture()
            text = self.rng.choice((image.name, image.name, f"-s 1 1 1 {image.name}", str(image), "gone.png"))
            blank = self.rng.choice((" ", "\t", "  "))
            lines += [f"newmtl{blank}{name}", "Kd 0.5 0.5 0.5", f"map_Kd{blank}{text}{self.rng.choice(('', ' '))}"]
        path.write_text(self.rng.choice(("\n", "\r\n")).join(lines))

    def _stl(self, corners: np.ndarray, faces: list[list[int]]) -> Path:
        path = self._path(".stl")
        facets = b""
        for face in faces:
            a, b, c = corners[face]
            normal = np.cross(b - a, c - a) if self.rng.random() < 0.9 else np.zeros(3)
            facets += struct.pack("<12fH", *normal, *a, *b, *c, 0)
        path.write_bytes(bytes(80) + struct.pack("<I", len(faces)) + facets)
        return path

    def add_mesh(self) -> None:
        """Add a body with a mesh."""
        scale = self._numbers(3, 0.3, 1.5) if self.rng.random() < 0.5 else (1.0, 1.0, 1.0)
        named = {"rgbaColor": self._colour(), "meshScale": scale, "physicsClientId": self.client}
        visual = p.createVisualShape(p.GEOM_MESH, fileName=str(self.mesh()), **named)
        p.createMultiBody(0, -1, visual, self._numbers(3), self._turn(), physicsClientId=self.client)

    def add_robot(self) -> None:
        """Add a URDF of some links."""
        count = self.rng.randrange(1, 5)
        parts = [self._link(number) for number in range(count)]
        for number in range(1, count):
            kind = self.rng.choice(("revolute", "fixed", "prismatic", "continuous"))
            x, y, z = self._numbers(3, -0.4, 0.4)
            parts.append(
                f'<joint name="j{number}" type="{kind}"><parent link="l{self.rng.randrange(number)}"/><child '
                f'link="l{number}"/><origin xyz="{x} {y} {z}" rpy="0.3 {y} 0"/><axis xyz="0 1 0"/><limit lower="-2" '
                'upper="2" effort="9" velocity="3"/></joint>'
            )
        path = self._path(".urdf")
        path.write_text(f'<robot name="r">{"".join(parts)}</robot>')
        flags = self.rng.choice((0, 0, p.URDF_USE_MATERIAL_COLORS_FROM_MTL, p.URDF_MERGE_FIXED_LINKS))
        named = {"flags": flags, "useFixedBase": self.rng.random() < 0.5, "physicsClientId": self.client}
        p.loadURDF(str(path), self._numbers(3), self._turn(), **named)

    def _link(self, number: int) -> str:
        visuals = ""
        for _ in range(self.rng.randrange(0, 4)):
            x, y, z = self._numbers(3, -0.3, 0.3)
            a, b, c = self._numbers(3, 0.05, 0.5)
            geometry = self.rng.choice(
                (
                    f'<box size="{a} {b} {c}"/>',
                    f'<sphere radius="{a}"/>',
                    f'<cylinder radius="{a}" length="{b}"/>',
                    f'<capsule radius="{a}" length="{b}"/>',
                    f'<mesh filename="{self.mesh().name}" scale="{1 + x} 1 1"/>',
                )
            )
            material = f'<material name="m{x}"><color rgba="{a} {b} {c} 1"/></material>' if b < 0.4 else ""
            visuals += f'<visual><origin xyz="{x} {y} {z}" rpy="{y} 1 {z}"/><geometry>{geometry}</geometry>{material}'
            visuals += "</visual>"
        x, y, z = self._numbers(3, -0.2, 0.2)
        inertia = '<inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/>'
        inertial = f'<inertial><origin xyz="{x} {y} {z}" rpy="0 {x} 1"/><mass value="1"/>{inertia}</inertial>'
        return f'<link name="l{number}">{inertial}{visuals}</link>'

    def add_model(self) -> None:
        """Add one of the models that come with PyBullet."""
        name = self.rng.choice(_MODEL_FILES)
        self.log.append(name)
        kinds = {".urdf": p.loadURDF, ".sdf": p.loadSDF, ".xml": p.loadMJCF}
        try:
            kinds[Path(name).suffix](name, physicsClientId=self.client)
        except p.error:
            self.log.append("fails")

    def add_others(self) -> None:
        """Add what PyBullet doesn't return, or draws in its own way."""
        kind, named = self.rng.randrange(4), {"physicsClientId": self.client}
        if kind == 0:
            normal = np.array(self._numbers(3))
            shape = p.createCollisionShape(p.GEOM_PLANE, planeNormal=normal / np.linalg.norm(normal), **named)
            p.createMultiBody(0, shape, -1, (0, 0, -1), **named)
        elif kind == 1:
            corners = [self._numbers(3) for _ in range(6)]
            indices = [0, 1, 2, 0, 2, 1, 3, 4, 5, 3, 5, 4]
            visual = p.createVisualShape(p.GEOM_MESH, vertices=corners, indices=indices, **named)
            p.createMultiBody(0, -1, visual, **named)
        elif kind == 2:
            heights = self._numbers(64, 0.0, 0.3)
            size = {"numHeightfieldRows": 8, "numHeightfieldColumns": 8, "meshScale": (0.2, 0.2, 1)}
            shape = p.createCollisionShape(p.GEOM_HEIGHTFIELD, heightfieldData=heights, **size, **named)
            p.createMultiBody(0, shape, **named)
        else:
            visual = p.createVisualShape(p.GEOM_MESH, fileName=self.rng.choice(("duck.obj", "cube.obj")), **named)
            p.createMultiBody(0, -1, visual, self._numbers(3), **named)

    def _target(self) -> tuple[int, int, int] | None:
        """Return a body, one of its links, and mostly all shapes of it."""
        bodies = self.bodies()
        if not bodies:
            return None
        body = self.rng.choice(bodies)
        link = self.rng.randrange(-1, p.getNumJoints(body, self.client))
        shapes = [shape for shape in p.getVisualShapeData(body, 0, self.client) if shape[1] == link]
        return body, link, -1 if self.rng.random() < 0.8 else self.rng.randrange(max(1, len(shapes)))

    def change_colour(self) -> None:
        """Change a colour."""
        if target := self._target():
            p.changeVisualShape(*target, rgbaColor=self._colour(), physicsClientId=self.client)

    def put_texture(self) -> None:
        """Put a texture on a body, or take it away."""
        if target := self._target():
            body, link, shape = target
            try:
                texture = -1 if self.rng.random() < 0.2 else load_texture(self.client, self.picture())
            except InputError:
                return
            apply_texture(self.client, body, texture, link, shape)

    def put_plain_texture(self) -> None:
        """Put a texture on a body as PyBullet's users do."""
        if target := self._target():
            texture = p.loadTexture(str(self.picture()), physicsClientId=self.client)
            p.changeVisualShape(*target, textureUniqueId=texture, physicsClientId=self.client)

    def move(self) -> None:
        """Move bodies and joints."""
        for body in self.bodies()[:3]:
            p.resetBasePositionAndOrientation(body, self._numbers(3), self._turn(), self.client)
            for joint in range(p.getNumJoints(body, self.client)):
                p.resetJointState(body, joint, self.rng.uniform(-1, 1), physicsClientId=self.client)
        if self.rng.random() < 0.3:
            p.stepSimulation(self.client)

    def remove(self) -> None:
        """Remove a body."""
        if bodies := self.bodies():
            p.removeBody(self.rng.choice(bodies), self.client)

    def reset(self) -> None:
        """Begin anew, in the same client or another one under the same number."""
        if self.rng.random() < 0.7:
            p.resetSimulation(physicsClientId=self.client)
            return
        p.disconnect(self.client)
        assert p.connect(p.DIRECT) == self.client
        p.setAdditionalSearchPath(str(MODELS), physicsClientId=self.client)


class _View:
    """Two cameras on one client that look alike."""

    def __init__(self, world: RandomWorld, gl: Renderer) -> None:
        self.world = world
        self.cameras = [Camera(world.client, renderer=renderer, **_SIZE) for renderer in (gl, "tiny")]

    def compare(self) -> tuple[int, list[str]]:
        """Take a picture with both; return how many bodies differ with a warning, and those without, in words."""
        rng = self.world.rng
        eye = np.array([rng.uniform(-1, 1) for _ in range(3)])
        eye *= rng.uniform(1.5, 3.5) / np.linalg.norm(eye)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            ours, theirs = (
                camera.look_at(eye, (0, 0, 0.1)).render(depth=True, segmentation=True) for camera in self.cameras
            )
        texts = " ".join(str(warning.message) for warning in said)
        different = find_differences(ours, theirs)
        silent = [str(found) for found in different if f"body {found.body} " not in texts]
        return len(different) - len(silent), silent


def draw(rng: random.Random, gl: Renderer) -> Outcome:
    """Build one or two worlds, change them, and compare pictures in between."""
    warned, pictures, silent = 0, 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        worlds = [RandomWorld(rng, Path(folder)) for _ in range(rng.choice((1, 1, 1, 2)))]
        views = [_View(world, gl) for world in worlds]
        try:
            for _ in range(rng.randrange(1, 5)):
                for view in views:
                    for _ in range(rng.randrange(1, 5)):
                        view.world.do()
                    found, words = view.compare()
                    warned, pictures = warned + found, pictures + 1
                    silent += [f"{word} after {', '.join(view.world.log)}" for word in words]
        finally:
            for world in worlds:
                gl.forget(world.client)
                world.close()
    return Outcome(pictures, warned, tuple(silent))


def main() -> None:
    """Draw many worlds and print what differs silently."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", type=int)
    parser.add_argument("--first", type=int, default=0, help="seed of the first world (default: 0)")
    args = parser.parse_args()
    gl, pictures, warned, silent = make_renderer("gl"), 0, 0, 0
    for seed in range(args.first, args.first + args.worlds):
        outcome = draw(random.Random(seed), gl)
        pictures, warned, silent = pictures + outcome.pictures, warned + outcome.warned, silent + len(outcome.silent)
        for words in outcome.silent:
            print(f"world {seed}: {words}", flush=True)
        print(seed, file=sys.stderr, flush=True)
    print(f"{args.worlds} worlds, {pictures} pictures: {warned} bodies differ with a warning, {silent} without")


if __name__ == "__main__":
    main()
