from __future__ import annotations

from pathlib import Path

import pytest

from envs.camera.meshes.material_file import find_image, has_keyword, read_material_images, split_lines


def test_lines_end_as_pybullet_ends_them() -> None:
    assert list(split_lines(b" \tone\r\ntwo\rlost\nthree\0lost\n")) == [b"one", b"two", b"three", b""]
    long = b"f" * 1500
    assert list(split_lines(long)) == [long[:1023], long[1023:]]


def test_a_keyword_needs_a_blank() -> None:
    assert has_keyword(b"v 1 2 3", b"v")
    assert has_keyword(b"v\t1", b"v")
    assert not has_keyword(b"vt 1 2", b"v")
    assert not has_keyword(b"v", b"v")


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("newmtl a\nmap_Kd t.png\n", {b"a": b"t.png"}),
        ("newmtl\ta\n\tmap_Kd\tt.png \n", {b"a": b"t.png"}),
        ("newmtl my mat\nmap_Kd my tex.png\n", {b"my": b"my tex.png"}),
        ("newmtl a\nmap_Kd -s 2 2 1 t.png\n", {b"a": b"-s 2 2 1 t.png"}),
        ("newmtl a\nmap_Kd  t.png\n", {b"a": b" t.png"}),
        ("newmtl a\nmap_Kd t.png\nnewmtl a\nmap_Kd u.png\n", {b"a": b"t.png"}),
        ("newmtl a\nmap_Kd t.png\nmap_Kd u.png\n", {b"a": b"u.png"}),
        ("# newmtl a\nmap_Ks t.png\n", {}),
    ],
)
def test_materials_are_read_as_pybullet_reads_them(text: str, images: dict[bytes, bytes], tmp_path: Path) -> None:
    (tmp_path / "m.mtl").write_text(text)
    found = read_material_images(bytes(tmp_path / "m.mtl"))
    assert found.pop(b"") == b""  # before the first material
    assert found == images


def test_a_library_that_is_not_there_has_no_materials(tmp_path: Path) -> None:
    assert read_material_images(bytes(tmp_path / "m.mtl")) == {}


def test_images_are_searched_beside_the_mesh_and_then_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, here = tmp_path / "meshes", tmp_path / "here"
    (here / "data").mkdir(parents=True)
    folder.mkdir()
    monkeypatch.chdir(here)
    prefix = bytes(folder) + b"/"
    assert find_image(prefix, b"t.png") is None
    for place in (here / "data", here, folder):
        (place / "t.png").touch()
        assert find_image(prefix, b"t.png") == str(place / "t.png")
    assert find_image(prefix, bytes(folder / "t.png")) is None  # not even absolute names are taken as they are
