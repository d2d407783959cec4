from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from policies.dataset.lerobot.images import read_images
from scenarios.common.errors import InputError

from ..foreign import paint, picture_bytes


def write(root: Path, values: list, group_rows: int = 3) -> Path:
    pq.write_table(pa.table({"front": values}), root / "rows.parquet", row_group_size=group_rows)
    return root / "rows.parquet"


def read(path: Path, rows: list[int]) -> list[np.ndarray]:
    return list(read_images(path, "front", rows, path.parent, lambda size, where: None))


@pytest.mark.parametrize("group_rows", [1, 4, 100])
@pytest.mark.parametrize("rows", [[0, 1, 2], [5], [3, 19], list(range(20))])
def test_the_wanted_rows_are_decoded_in_order(tmp_path: Path, group_rows: int, rows: list[int]) -> None:
    values = [{"bytes": picture_bytes(paint(0, k % 12)), "path": None} for k in range(20)]
    found = read(write(tmp_path, values, group_rows), rows)
    assert len(found) == len(rows)
    for row, frame in zip(rows, found, strict=True):
        np.testing.assert_array_equal(frame, paint(0, row % 12))


def test_pictures_may_be_plain_bytes_or_files_inside_the_folder(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read(write(tmp_path, [picture_bytes(paint(1, 2))]), [0])[0], paint(1, 2))
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(picture_bytes(paint(2, 3)))
    path = write(tmp_path, [{"bytes": None, "path": "images/a.png"}])
    np.testing.assert_array_equal(read(path, [0])[0], paint(2, 3))


def deep(mode: str) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (4, 4)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"bytes": b"no picture", "path": None}, "row 0 of 'front' in .* is not a readable picture"),
        ({"bytes": deep("I;16"), "path": None}, "a picture in mode 'I;16'; expected colours"),
        ({"bytes": deep("RGBA"), "path": None}, "a picture in mode 'RGBA'"),
        ({"bytes": None, "path": None}, "contains no picture"),
        ({"bytes": None, "path": "../secret.png"}, "outside the data set's folder"),
        ({"bytes": None, "path": "gone.png"}, "incomplete: .*gone.png, .* is missing"),
    ],
)
def test_what_is_no_picture_in_colours_is_bad_input(tmp_path: Path, value: dict, words: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(picture_bytes(paint(0, 0)))
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    with pytest.raises(InputError, match=words):
        read(write(folder, pa.array([value], kind)), [0])


def test_a_size_is_checked_before_the_picture_is_decoded(tmp_path: Path) -> None:
    def refuse(size: tuple[int, int], where: str) -> None:
        raise InputError(f"{where}: {size}")

    path = write(tmp_path, [picture_bytes(paint(0, 0))[:200]])  # its header alone
    with pytest.raises(InputError, match=r"row 0 .*: \(48, 64\)"):
        list(read_images(path, "front", [0], tmp_path, refuse))
