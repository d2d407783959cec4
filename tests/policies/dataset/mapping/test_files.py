from __future__ import annotations

from pathlib import Path

import pytest

from policies.dataset.mapping.files import GivenMapping, read_mapping_file
from policies.dataset.mapping.mapping import Column, Instruction, Units, VectorMapping
from scenarios.common.errors import InputError

from .contents_of import describe

ALL = """\
camera: wrist
colours: bgr
rate: 29.97
actions:
  feature: action
  columns: {wz: "2", vx: speed}
  units: [cm/s, deg/s]
  signs: {wz: -1}
  scale: {vx: 0.5}
state: none
instruction: go to the door
"""
CONTENTS = describe(("front", "wrist", "depth"), ("speed", "other", "turn"), texts=("language",))


def read(tmp_path: Path, text: str, contents: object = CONTENTS) -> tuple[GivenMapping, list[str]]:
    path = tmp_path / "map.yaml"
    path.write_text(text)
    return read_mapping_file(path, contents)  # type: ignore[arg-type]


def test_everything_can_be_given(tmp_path: Path) -> None:
    actions = VectorMapping(
        "action",
        {"vx": Column("speed", 0), "wz": Column("2", 2)},
        Units("cm/s", "deg/s"),
        {"wz": -1},
        {"vx": 0.5},
    )
    found, problems = read(tmp_path, ALL)
    assert problems == []
    assert found == GivenMapping("wrist", "bgr", 29.97, actions, "none", Instruction(text="go to the door"))


def test_what_isnt_given_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, "rate: 15") == (GivenMapping(rate=15.0), [])


def test_an_instruction_may_come_from_a_column(tmp_path: Path) -> None:
    assert read(tmp_path, "instruction: {from: language}")[0].instruction == Instruction(source="language")


def test_columns_that_names_tell_need_not_be_given(tmp_path: Path) -> None:
    named = describe(action=("x.vel", "theta.vel"))
    found = read(tmp_path, "actions: {units: [m/s, rad/s], signs: {wz: -1}}", named)[0].actions
    assert found is not None
    assert (list(found.columns), found.units, found.signs) == (["vx", "wz"], Units("m/s", "rad/s"), {"wz": -1})
    state = read(tmp_path, "state: {signs: {y: -1}}", named)[0].state
    assert isinstance(state, VectorMapping)
    assert state.signs == {"y": -1}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("cmaera: front", 1, "unknown key 'cmaera': did you mean 'camera'?"),
        ("rate: 10\ncamera: frnt", 2, "unknown camera 'frnt': did you mean 'front'?"),
        ("camera: depth", 1, "'depth' is depth, not colours; cameras with colours: front, wrist"),
        ("colours: gbr", 1, "unknown order of colours 'gbr'"),
        ("rate: fast", 1, "'rate', in frames per second, must be a number between 0.01 and 10000, not 'fast'"),
        ("rate: 0", 1, "must be a number between"),
        ("rate: .nan", 1, "must be a number between"),
        ("actions: {}", 1, "'actions' needs 'columns'"),
        ("actions: {column: 1}", 1, "unknown key in 'actions' 'column': did you mean 'columns'?"),
        ("actions:\n  columns: {vz: speed}", 2, "unknown axis 'vz'"),
        ("actions:\n  columns: {vx: sped}", 2, "unknown column of 'action' 'sped': did you mean 'speed'?"),
        ("actions:\n  columns: {vx: 3}\n", 2, "numbers count from 0"),
        ("actions: {columns: {vx: 0}}", 1, "'actions' needs 'units'"),
        ("actions: {columns: {vx: 0}, signs: {vx: -1}}", 1, "'actions' needs 'units'"),
        ("actions: {columns: {wz: 0}, units: normalised}", 1, "must have a column of vx or vy"),
        ("actions: {columns: {vx: 0}, units: mph}", 1, "'units' must be 'normalised' or a list of two"),
        ("actions: {columns: {vx: 0}, units: [rad/s, m/s]}", 1, "'units' must be"),
        ("actions: {columns: {vx: 0}, units: normalised, signs: {vx: 2}}", 1, "a sign must be 1 or -1"),
        ("actions: {columns: {vx: 0}, units: normalised, scale: {wz: 2}}", 1, "unknown axis 'wz'"),
        ("actions: {columns: {vx: 0}, units: normalised, scale: {vx: 0}}", 1, "a scale must be a number"),
        ("actions: {feature: acton, columns: {vx: 0}}", 1, "unknown feature 'acton': did you mean 'action'?"),
        ("state: nine", 1, "unknown state 'nine': did you mean 'none'?"),
        ("instruction: ''", 1, "'instruction' must be a sentence"),
        ("instruction: {from: langage}", 1, "unknown source of instructions 'langage': did you mean 'language'?"),
        ("instruction: {text: go}", 1, "'instruction' must be a sentence, or {from: NAME}"),
    ],
)
def test_an_error_names_its_line_and_what_would_be_right(tmp_path: Path, text: str, line: int, words: str) -> None:
    found, (problem,) = read(tmp_path, text)
    assert problem.startswith(f"{tmp_path / 'map.yaml'}, line {line}: ")
    assert words in problem
    assert found.camera is None


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    found, problems = read(tmp_path, "camera: up\nrate: 15\ncolours: gray\n")
    assert len(problems) == 2
    assert found.rate == 15.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the mapping file is empty"),
        ("- camera", "a mapping file must be lines of 'key: value'"),
        ("camera: [", "not valid YAML"),
        ("camera: !!python/object:os.system x", "tags"),
        ("rate: 1\nrate: 2", "'rate' appears twice, first on line 1"),
    ],
)
def test_a_file_that_is_no_mapping_is_bad_input(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(").replace("[", r"\[")):
        read(tmp_path, text)


def test_a_file_that_cant_be_read_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read as a mapping file"):
        read_mapping_file(tmp_path / "nowhere.yaml", CONTENTS)
    (tmp_path / "map.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="must be UTF-8"):
        read_mapping_file(tmp_path / "map.yaml", CONTENTS)
