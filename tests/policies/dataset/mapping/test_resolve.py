from __future__ import annotations

from pathlib import Path

import pytest

from policies.dataset.mapping.mapping import Instruction
from policies.dataset.mapping.resolve import describe_mapping, resolve_mapping
from scenarios.common.errors import InputError

from .contents_of import describe


def test_a_set_whose_names_tell_needs_no_file(tmp_path: Path) -> None:
    mapping = resolve_mapping(describe(root=tmp_path), None)
    assert (mapping.camera, mapping.colours, mapping.rate, mapping.axes) == ("front", "rgb", 10.0, ("vx", "vy", "wz"))
    assert (mapping.is_given, mapping.states_rate, mapping.instruction) == (False, True, Instruction())


def test_a_file_gives_a_part_and_names_tell_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("rate: 15\ncamera: right")
    mapping = resolve_mapping(describe(("left", "right"), root=tmp_path), path)
    assert (mapping.camera, mapping.rate, mapping.axes) == ("right", 15.0, ("vx", "vy", "wz"))
    assert (mapping.is_given, mapping.states_rate) == (True, False)


def test_a_file_in_the_folder_counts_unless_another_is_given(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("colours: bgr")
    (tmp_path / "other.yaml").write_text("rate: 15")
    contents = describe(root=tmp_path)
    assert resolve_mapping(contents, None).colours == "bgr"
    assert resolve_mapping(contents, tmp_path / "other.yaml").colours == "rgb"


def test_all_problems_are_told_in_one_answer(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("colours: rbg")
    contents = describe(
        ("left", "right"), 2, root=tmp_path, missing_instruction="no instruction", missing_rate="no rate"
    )
    with pytest.raises(InputError) as raised:
        resolve_mapping(contents, path)
    answer = str(raised.value)
    parts = (
        "line 1: unknown order of colours 'rbg'",
        "2 cameras",
        "2 columns without names",
        "no instruction",
        "no rate",
    )
    assert [part for part in parts if part not in answer] == []
    (tmp_path / "mended.yaml").write_text(answer.partition("\n\n")[2])
    mended = resolve_mapping(contents, tmp_path / "mended.yaml")
    assert (mended.camera, mended.axes, mended.state) == ("left", ("vx", "wz"), mended.state)


def test_the_description_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("rate: 15")
    contents = describe(root=tmp_path)
    assert "guessed from its names" in describe_mapping(tmp_path, resolve_mapping(contents, None))
    told = describe_mapping(tmp_path, resolve_mapping(contents, path))
    assert "as its mapping file says" in told
    assert "rate: 15\n" in told
