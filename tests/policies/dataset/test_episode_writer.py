"""What both writers do alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policies.dataset import DatasetWriter
from policies.dataset.episode_writer import EpisodeWriter
from policies.dataset.episodes import open_dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError

from .conftest import MakeDemonstration

WRITERS = [DatasetWriter, Hdf5Writer]
pytestmark = pytest.mark.parametrize("writer_class", WRITERS)
Writer = type[EpisodeWriter]


def test_nothing_is_at_root_before_closing(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer
) -> None:
    root = tmp_path / "set"
    with writer_class(root) as writer:
        writer.add(demonstration(3))
        assert not root.exists()
    assert len(open_dataset(root)) == 1
    assert os.listdir(tmp_path) == ["set"]


def test_an_exception_inside_leaves_nothing_behind(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer
) -> None:
    root = tmp_path / "new" / "parents" / "set"
    with pytest.raises(KeyError), writer_class(root) as writer:  # noqa: PT012
        writer.add(demonstration(3))
        raise KeyError
    assert os.listdir(tmp_path) == []


def test_a_set_without_episodes_is_refused_and_leaves_nothing(tmp_path: Path, writer_class: Writer) -> None:
    with pytest.raises(InputError, match="no episode was recorded"), writer_class(tmp_path / "set"):
        pass
    assert os.listdir(tmp_path) == []


def test_an_empty_folder_is_filled_and_a_filled_one_refused(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer
) -> None:
    root = tmp_path / "set"
    root.mkdir()
    with writer_class(root) as writer:
        writer.add(demonstration(2))
    with pytest.raises(InputError, match="not empty"):
        writer_class(root)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        writer_class(tmp_path / "file")
    assert sorted(os.listdir(tmp_path)) == ["file", "set"]
    assert len(open_dataset(root)) == 1


def test_a_root_that_was_filled_meanwhile_is_kept(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer
) -> None:
    root = tmp_path / "set"
    with pytest.raises(InputError, match="not empty"), writer_class(root) as writer:  # noqa: PT012
        writer.add(demonstration(2))
        root.mkdir()
        (root / "precious").write_text("kept")
    assert os.listdir(tmp_path) == ["set"]
    assert (root / "precious").read_text() == "kept"


def test_a_fault_while_writing_discards_the_set(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, demonstration: object) -> None:
        raise OSError("no space left on device")

    with writer_class(tmp_path / "set") as writer:
        writer.add(demonstration(2))
        monkeypatch.setattr(writer_class, "_append", fail)
        with pytest.raises(OSError, match="no space"):
            writer.add(demonstration(3))
        with pytest.raises(InputError, match="closed"):
            writer.add(demonstration(3))
    assert os.listdir(tmp_path) == []


def test_a_closed_set_stays_whatever_follows(
    tmp_path: Path, demonstration: MakeDemonstration, writer_class: Writer
) -> None:
    writer = writer_class(tmp_path / "set")
    writer.add(demonstration(2))
    writer.close()
    writer.close()
    writer.discard()
    assert len(open_dataset(tmp_path / "set")) == 1
