"""Which image files PyBullet reads is asked of PyBullet itself."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pybullet as p
import pytest
from PIL import Image

from envs.camera.meshes.image_file import find_image_problem, read_image
from scenarios.common.errors import InputError

_GRADIENT = np.stack([*np.mgrid[0:24, 0:32] * 8, np.full((24, 32), 90)], axis=-1).astype(np.uint8)
PICTURE = Image.fromarray(_GRADIENT)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


FILES = {
    "baseline.jpg": encode(PICTURE, "JPEG"),
    "grey.jpg": encode(PICTURE.convert("L"), "JPEG"),
    "progressive.jpg": encode(PICTURE, "JPEG", progressive=True),
    "cmyk.jpg": encode(PICTURE.convert("CMYK"), "JPEG"),
    "half.jpg": encode(PICTURE, "JPEG")[:100],
    "rgb.png": encode(PICTURE, "PNG"),
    "rgba.png": encode(PICTURE.convert("RGBA"), "PNG"),
    "grey.png": encode(PICTURE.convert("L"), "PNG"),
    "palette8bit.png": encode(PICTURE.convert("P", palette=Image.Palette.ADAPTIVE, colors=200), "PNG"),
    "palette4bit.png": encode(PICTURE.convert("P", palette=Image.Palette.ADAPTIVE, colors=9), "PNG"),
    "onebit.png": encode(PICTURE.convert("1"), "PNG"),
    "grey16.png": encode(Image.fromarray(_GRADIENT[:, :, 0].astype(np.uint16) * 257), "PNG"),
    "truncated.png": encode(PICTURE, "PNG")[:-60],
    "rgb.bmp": encode(PICTURE, "BMP"),
    "onebit.bmp": encode(PICTURE.convert("1"), "BMP"),
    "rgb.tga": encode(PICTURE, "TGA"),
    "packed.tga": encode(PICTURE, "TGA", compression="tga_rle"),
    "t.gif": encode(PICTURE, "GIF"),
    "t.ppm": encode(PICTURE, "PPM"),
    "t.tif": encode(PICTURE, "TIFF"),
    "t.webp": encode(PICTURE, "WEBP"),
    "empty.png": b"",
    "text.png": b"no image at all, but quite a few words of plain text",
}


@pytest.mark.parametrize("name", FILES)
def test_pybullet_reads_what_is_said_to_be_readable(name: str, client: int, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (tmp_path / "m.mtl").write_text(f"newmtl a\nmap_Kd {name}\n")
    (tmp_path / "m.obj").write_text("mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl a\nf 1 2 3\n")
    visual = p.createVisualShape(p.GEOM_MESH, fileName=str(tmp_path / "m.obj"), physicsClientId=client)
    body = p.createMultiBody(0, -1, visual, physicsClientId=client)
    (shape,) = p.getVisualShapeData(body, p.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client)
    problem = find_image_problem(tmp_path / name)
    assert (shape[8] >= 0) == (problem == "")


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert "No such file" in find_image_problem(tmp_path / "nowhere.png")


def test_an_image_is_read_from_the_top(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "t.png")
    assert np.array_equal(read_image(tmp_path / "t.png"), _GRADIENT)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("words")
    with pytest.raises(InputError, match="can't be read as an image"):
        read_image(tmp_path / "text.png")
