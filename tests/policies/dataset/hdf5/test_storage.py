from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from policies.dataset.hdf5.storage import find_dataset, open_hdf5, read_number, read_text, read_whole
from scenarios.common.errors import InputError


def make(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["obs/image"] = np.arange(3)
        file["soft"] = h5py.SoftLink("/obs/image")
    return path


def test_data_sets_are_found_by_their_paths_and_by_links_inside_the_file(tmp_path: Path) -> None:
    path = make(tmp_path / "a.h5")
    with open_hdf5(path) as file:
        assert find_dataset(file, "obs/image", path)[:].tolist() == [0, 1, 2]
        assert find_dataset(file["obs"], "image", path)[:].tolist() == [0, 1, 2]
        assert find_dataset(file, "soft", path)[:].tolist() == [0, 1, 2]
        for name in ("nothing", "obs", "obs/image/deeper"):
            with pytest.raises(InputError, match=f"lacks the data set '{name}'; it has obs, soft"):
                find_dataset(file, name, path)


def test_a_link_to_another_file_is_not_followed_wherever_it_is_in_the_path(tmp_path: Path) -> None:
    make(tmp_path / "other.h5")
    path = make(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["direct"] = h5py.ExternalLink("other.h5", "/obs/image")
        file["group"] = h5py.ExternalLink("other.h5", "/obs")
        file["hop"] = h5py.SoftLink("/group/image")
    with open_hdf5(path) as file:
        for name in ("direct", "group/image", "hop"):
            with pytest.raises(InputError, match="a link to another file"):
                find_dataset(file, name, path)


def write_virtual(path: Path, source: str, name: str = "obs/image") -> Path:
    layout = h5py.VirtualLayout((3,), np.int64)
    layout[:] = h5py.VirtualSource(source, name, (3,))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("image", layout)
    return path


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        ("gone.h5", "obs/image", "in gone.h5, which is missing"),
        ("../outside.h5", "obs/image", "which is outside the folder"),
        ("other.h5", "nothing", "lacks the data set 'nothing'"),
    ],
)
def test_virtual_data_need_their_sources(tmp_path: Path, source: str, name: str, words: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    make(folder / "other.h5")
    make(tmp_path / "outside.h5")
    path = write_virtual(folder / "a.h5", source, name)
    with open_hdf5(path) as file, pytest.raises(InputError, match=words):
        find_dataset(file, "image", path)


def test_virtual_data_of_a_file_beside_are_read(tmp_path: Path) -> None:
    make(tmp_path / "other.h5")
    path = write_virtual(tmp_path / "a.h5", "other.h5")
    with open_hdf5(path) as file:
        assert find_dataset(file, "image", path)[:].tolist() == [0, 1, 2]


def test_a_file_that_is_none_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"no")
    with pytest.raises(InputError, match="is not a readable HDF5 file"), open_hdf5(tmp_path / "a.h5"):
        pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("go", "go"),
        (b"go", "go"),
        (np.bytes_(b"go"), "go"),
        (np.array([b"go"]), "go"),
        (np.array("go", object), "go"),
        (np.array(["go", "stop"], object), None),
        (3, None),
        (b"\xff", None),
        (None, None),
    ],
)
def test_texts_come_in_every_form(value: object, text: str | None) -> None:
    assert read_text(value) == text


def test_numbers_may_be_in_an_array_and_must_be_numbers() -> None:
    assert read_number(np.array([2.5]), "rate") == 2.5
    assert read_whole(np.array([2**62 + 7]), "seed") == 2**62 + 7
    for value in (np.array([1.0, 2.0]), "two", float("nan"), np.array([])):
        with pytest.raises(InputError, match=r"rate is .*; expected a number"):
            read_number(value, "rate")
    with pytest.raises(InputError, match="expected a whole number"):
        read_whole(1.5, "seed")
