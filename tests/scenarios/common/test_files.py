"""Laws of writing files whole, and of the checks before it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scenarios.common import files
from scenarios.common.errors import InputError


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["my.yaml", "My.YAML", "a/b.yml", "C.Yml", ".yaml"])
def test_a_scenario_file_is_told_by_its_suffix_in_any_case(name):
    assert files.is_scenario_file(name)
    assert files.is_scenario_file(Path(name))


@pytest.mark.parametrize("name", ["corridor", "yaml", "my.yaml.txt", ""])
def test_nothing_else_is_a_scenario_file(name):
    assert not files.is_scenario_file(name)


def test_a_file_is_replaced_whole_and_no_temporary_stays(tmp_path):
    files.write_text(tmp_path / "a.txt", "one")
    files.write_text(tmp_path / "a.txt", "zwei ä")
    files.write_bytes(tmp_path / "b.txt", b"three")
    assert contents(tmp_path) == {"a.txt": "zwei ä", "b.txt": "three"}


@pytest.mark.parametrize("durable", [True, False])
def test_after_an_error_the_old_file_stands_and_no_temporary_stays(tmp_path, durable):
    (tmp_path / "a.txt").write_text("old")

    def fail() -> None:
        with files.replace_file(tmp_path / "a.txt", durable=durable) as temporary:
            temporary.write_text("half")
            assert contents(tmp_path) == {"a.txt": "old", temporary.name: "half"}
            raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        fail()
    assert contents(tmp_path) == {"a.txt": "old"}


def test_two_temporaries_of_one_path_never_meet(tmp_path):
    with files.replace_file(tmp_path / "a") as first, files.replace_file(tmp_path / "a") as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert contents(tmp_path) == {"a": "first"}  # the outer one ends last


@pytest.mark.parametrize("name", ["a" * 255, "ä" * 127, "字" * 85, "x" * 250 + ".mp4"])
def test_a_file_of_the_longest_name_is_written_under_a_temporary_one_that_is_no_longer(tmp_path, name):
    files.write_text(tmp_path / name, "text")
    assert contents(tmp_path) == {name: "text"}


@pytest.mark.parametrize("name", ["a" * 300, "ä" * 200, "字" * 100])
def test_a_shortened_name_fits_and_stays_unique(name):
    short, other = files.shorten_name(name, 100), files.shorten_name(name + "b", 100)
    assert max(len(os.fsencode(short)), len(os.fsencode(other))) <= 100
    assert short != other
    assert files.shorten_name("short.mp4", 100) == "short.mp4"


def test_a_folder_gets_its_name_once_it_is_complete(tmp_path):
    with files.create_folder(tmp_path / "new/deep") as partial:
        (partial / "a").write_text("1")
        assert not (tmp_path / "new/deep").exists()
    assert contents(tmp_path / "new/deep") == {"a": "1"}
    assert os.listdir(tmp_path / "new") == ["deep"]


def test_a_folder_that_contains_something_is_never_replaced(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("precious")

    def replace() -> None:
        with files.create_folder(tmp_path / "full") as partial:
            (partial / "b").write_text("new")

    with pytest.raises(OSError, match="not empty"):
        replace()
    assert contents(tmp_path / "full") == {"a": "precious"}
    assert os.listdir(tmp_path) == ["full"]


def test_what_is_in_the_way_of_a_new_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for vacant in ("new", "new/deeper", "empty"):
        files.check_new_folder(tmp_path / vacant)
    files.check_folder(tmp_path)
    for out, words in [(tmp_path, "not empty"), (tmp_path / "file", "is a file"), (tmp_path / "file/x", "is a file")]:
        with pytest.raises(InputError, match=words):
            files.check_new_folder(out)
    with pytest.raises(InputError, match=r"^data set '.*file' is a file: name a folder$"):
        files.check_new_folder(tmp_path / "file", "data set")


def test_a_new_file_needs_a_folder_and_may_replace_a_file_but_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    files.check_new_file(tmp_path / "file")
    files.check_new_file(tmp_path / "new")
    files.check_new_file(tmp_path / "new.JSON", endings=(".json", ".md"))
    (tmp_path / "table.csv").touch()
    with pytest.raises(InputError, match=r"--out '.*table\.csv' must end in \.json or \.md"):
        files.check_new_file(tmp_path / "table.csv", endings=(".json", ".md"))
    for path, words in [(tmp_path, "is a folder: name a file"), (tmp_path / "none/a", "there is no folder")]:
        with pytest.raises(InputError, match=words):
            files.check_new_file(path, "--write")


def test_what_can_not_be_written_to_is_said_before_it_is_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for check, path in ((files.check_new_folder, "new"), (files.check_folder, ""), (files.check_new_file, "a")):
        with pytest.raises(InputError, match="is not writable"):
            check(tmp_path / path)
