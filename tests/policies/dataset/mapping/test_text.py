from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.dataset.mapping.contents import CameraFeature, DatasetContents, VectorFeature
from policies.dataset.mapping.files import read_mapping_file
from policies.dataset.mapping.mapping import (
    ANGULAR_UNITS,
    LINEAR_UNITS,
    STATE_WORDS,
    Column,
    DatasetMapping,
    Instruction,
    Units,
    VectorMapping,
)
from policies.dataset.mapping.text import format_mapping

names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
units = st.none() | st.builds(Units, st.sampled_from(LINEAR_UNITS), st.sampled_from(ANGULAR_UNITS))


@st.composite
def mappings(draw: st.DrawFn) -> tuple[DatasetMapping, DatasetContents]:
    columns = draw(st.lists(names.filter(lambda name: not name.isdecimal()), min_size=2, max_size=4, unique=True))
    action = VectorMapping(
        "action",
        {"vx": Column(columns[1], 1), "wz": Column(columns[0], 0)},
        draw(units),
        draw(st.sampled_from([{}, {"vx": -1}])),
        draw(st.sampled_from([{}, {"wz": 0.125}])),
    )
    camera, source = draw(names), draw(names)
    instruction = draw(
        st.sampled_from([Instruction(), Instruction(text='go: "there" # now'), Instruction(source=source)])
    )
    state = draw(
        st.sampled_from([*STATE_WORDS, VectorMapping("state", {"yaw": Column("0", 0)}, Units("m/s", "rad/s"))])
    )
    rate = draw(st.sampled_from([10.0, 29.97, 10 / 3]))
    mapping = DatasetMapping(camera, draw(st.sampled_from(["rgb", "bgr"])), rate, action, state, instruction)
    vectors = (VectorFeature("action", len(columns), tuple(columns)), VectorFeature("state", 1))
    return mapping, DatasetContents(Path("set"), 10.0, (CameraFeature(camera),), vectors, (source,))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(mappings())
def test_a_mapping_is_read_back_from_its_text(tmp_path: Path, pair: tuple[DatasetMapping, DatasetContents]) -> None:
    mapping, contents = pair
    (tmp_path / "map.yaml").write_text(format_mapping(mapping), encoding="utf-8")
    found, problems = read_mapping_file(tmp_path / "map.yaml", contents)
    assert problems == []
    assert (found.camera, found.colours) == (mapping.camera, mapping.colours)
    assert found.rate == pytest.approx(mapping.rate, rel=1e-9)
    assert (found.actions, found.state) == (mapping.actions, mapping.state)
    assert (found.instruction or Instruction()) == mapping.instruction
