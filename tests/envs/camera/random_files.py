"""Random files as a user may have them: pictures, meshes with materials, robots of some links."""

from __future__ import annotations

import itertools
import random
import struct
from pathlib import Path

import numpy as np
from PIL import Image


def draw_numbers(rng: random.Random, count: int, low: float = -0.7, high: float = 0.7) -> tuple[float, ...]:
    """Draw some numbers."""
    return tuple(rng.uniform(low, high) for _ in range(count))


class RandomFiles:
    """Writes files into a folder; ``label`` is part of their names."""

    def __init__(self, rng: random.Random, folder: Path, label: str) -> None:
        self.rng, self.folder, self.label, self.count = rng, folder, label, 0

    def _path(self, suffix: str) -> Path:
        self.count += 1
        return self.folder / f"{self.rng.choice(('a', 'my file', 'ä'))}{self.label}-{self.count}{suffix}"

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
        corners = np.array([draw_numbers(self.rng, 3, -0.5, 0.5) for _ in range(self.rng.randrange(4, 12))])
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
        lines += [
            f"vt{blank}{u:.3f} {v:.3f}" for u, v in (draw_numbers(self.rng, 2, -0.5, 2.0) for _ in range(8)) if with_vt
        ]
        normals = [draw_numbers(self.rng, 3, -1.0, 1.0) if rng.random() < 0.95 else (0, 0, 0) for _ in range(8)]
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

    def robot(self) -> Path:
        """Write a URDF of some links."""
        count = self.rng.randrange(1, 5)
        parts = [self._link(number) for number in range(count)]
        for number in range(1, count):
            kind = self.rng.choice(("revolute", "fixed", "prismatic", "continuous"))
            x, y, z = draw_numbers(self.rng, 3, -0.4, 0.4)
            parts.append(
                f'<joint name="j{number}" type="{kind}"><parent link="l{self.rng.randrange(number)}"/><child '
                f'link="l{number}"/><origin xyz="{x} {y} {z}" rpy="0.3 {y} 0"/><axis xyz="0 1 0"/><limit lower="-2" '
                'upper="2" effort="9" velocity="3"/></joint>'
            )
        path = self._path(".urdf")
        path.write_text(f'<robot name="r">{"".join(parts)}</robot>')
        return path

    def _link(self, number: int) -> str:
        visuals = ""
        for _ in range(self.rng.randrange(0, 4)):
            x, y, z = draw_numbers(self.rng, 3, -0.3, 0.3)
            a, b, c = draw_numbers(self.rng, 3, 0.05, 0.5)
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
        x, y, z = draw_numbers(self.rng, 3, -0.2, 0.2)
        inertia = '<inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/>'
        inertial = f'<inertial><origin xyz="{x} {y} {z}" rpy="0 {x} 1"/><mass value="1"/>{inertia}</inertial>'
        return f'<link name="l{number}">{inertial}{visuals}</link>'
