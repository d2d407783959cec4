from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.formats.action_format import COLUMNS, KEY_COLUMN, ActionFormat
from policies.formats.normalisation import STATISTIC_NAMES, Normalisation
from policies.formats.observation_format import STATE_COLUMNS, ObservationFormat
from policies.policy import PolicySpec
from policies.specs.data_node import parse_yaml_node
from policies.specs.spec_file import format_spec, parse_spec, read_spec, spec_from_dict, spec_to_dict
from scenarios.common.errors import InputError

FILE = """\
image_size: [96, 128]   # height, width
rate_hz: 5
hold_action: [0, 0, 0]
chunk: 16
replan: 8
action:
  kind: velocity
  columns: [vx, wz]
  unit: si
  signs: [1, -1]
  normalisation: {kind: quantiles, file: assets/stats.json, column_set: actions}
observation:
  frames: 2
  colours: bgr
  state: [wz, vx]
  pixels_key: observation/image
  state_key: null
  layout: chw
  pixel_type: unit
  pixel_mean: [0.5, 0.5, 0.5]
  pixel_std: [0.2, 0.2, 0.2]
"""

numbers = st.floats(-1e3, 1e3, allow_nan=False)


def normalisations(columns: int) -> st.SearchStrategy[Normalisation | None]:
    def make(kind, low, width) -> Normalisation:
        second = width if kind == "mean-std" else [a + b for a, b in zip(low, width, strict=True)]
        return Normalisation(kind, tuple(low), tuple(second))

    row = st.lists(numbers, min_size=columns, max_size=columns)
    widths = st.lists(st.floats(0.0, 1e3), min_size=columns, max_size=columns)
    return st.none() | st.builds(make, st.sampled_from(list(STATISTIC_NAMES)), row, widths)


@st.composite
def actions(draw) -> ActionFormat:
    kind = draw(st.sampled_from(list(COLUMNS)))
    columns = tuple(draw(st.permutations(COLUMNS[kind])))[: draw(st.integers(2, 3))]
    if kind == "waypoints":
        columns = ("y", "x", *(column for column in columns if column == "yaw"))
    if kind == "keys" and draw(st.booleans()):
        columns = (KEY_COLUMN,)
    signs = draw(st.just(()) | st.lists(st.sampled_from((1, -1)), min_size=len(columns), max_size=len(columns)))
    unit = draw(st.sampled_from(("normalised", "si")))
    return ActionFormat(kind, columns, unit, tuple(signs), draw(normalisations(len(columns))))


def begin_differently(keys: tuple) -> bool:
    first = [key[0] if isinstance(key, tuple) else key for key in keys if key is not None]
    return len(set(first)) == len(first)


@st.composite
def observations(draw) -> ObservationFormat:
    state = tuple(draw(st.permutations(STATE_COLUMNS)))[: draw(st.integers(1, 6))]
    name = st.from_regex(r"[a-z0-9_/.~]{1,12}", fullmatch=True) | st.sampled_from(("null", "1e3", "7", "yes"))
    path = st.tuples(name, name) | st.tuples(name, name, name)
    keys = draw(st.tuples(*[st.none() | name | path] * 3).filter(begin_differently))
    pixel_type = draw(st.sampled_from(("uint8", "unit")))
    scaled = pixel_type == "unit" and draw(st.booleans())
    return ObservationFormat(
        frames=draw(st.integers(1, 64)),
        colours=draw(st.sampled_from(("rgb", "bgr"))),
        state=state,
        normalisation=draw(normalisations(len(state))),
        pixels_key=keys[0],
        state_key=keys[1],
        instruction_key=keys[2],
        layout=draw(st.sampled_from(("hwc", "chw"))),
        pixel_type=pixel_type,
        pixel_mean=(0.5, 0.4, 0.3) if scaled else None,
        pixel_std=(0.1, 0.2, 1e-05) if scaled else None,
    )


@st.composite
def specs(draw) -> PolicySpec:
    chunk = draw(st.integers(1, 1000))
    return PolicySpec(
        name="mine",
        image_size=draw(st.none() | st.tuples(st.integers(1, 2048), st.integers(1, 2048))),
        period_s=draw(st.floats(1e-3, 1e3)),
        hold_action=draw(st.tuples(*[st.floats(-1, 1)] * 3)),
        history=draw(st.integers(0, 9)),
        chunk=chunk,
        replan=draw(st.integers(1, chunk)),
        plays_chunk=draw(st.booleans()),
        action=draw(actions()),
        observation=draw(observations()),
        privileged=draw(st.booleans()),
        parameters=draw(st.integers(0, 10**10)),
        runtime=draw(st.sampled_from(("", "torch 2.13.0 eager", "1.5", "a: b #c"))),
    )


@given(specs())
def test_a_spec_that_was_written_is_read_back_equal(spec: PolicySpec) -> None:
    from pathlib import Path

    assert parse_spec(parse_yaml_node(format_spec(spec), "file.yaml"), "mine", Path()) == spec


@given(specs())
def test_a_spec_as_a_dictionary_is_read_back_equal_through_json_too(spec: PolicySpec) -> None:
    assert spec_from_dict(spec_to_dict(spec)) == spec
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(spec)))) == spec


def test_everything_that_a_file_declares_is_in_the_spec(tmp_path) -> None:
    (tmp_path / "assets").mkdir()
    statistics = {"actions": {"q01": [-1.0, -2.0], "q99": [1.0, 2.0]}}
    (tmp_path / "assets/stats.json").write_text(json.dumps(statistics))
    (tmp_path / "mine.yaml").write_text(FILE)
    assert read_spec(tmp_path / "mine.yaml", "mine") == PolicySpec(
        name="mine",
        image_size=(96, 128),
        period_s=0.2,
        hold_action=(0.0, 0.0, 0.0),
        chunk=16,
        replan=8,
        action=ActionFormat(
            "velocity", ("vx", "wz"), "si", (1, -1), Normalisation("quantiles", (-1.0, -2.0), (1.0, 2.0))
        ),
        observation=ObservationFormat(
            frames=2,
            colours="bgr",
            state=("wz", "vx"),
            pixels_key="observation/image",
            state_key=None,
            layout="chw",
            pixel_type="unit",
            pixel_mean=(0.5, 0.5, 0.5),
            pixel_std=(0.2, 0.2, 0.2),
        ),
    )


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ("rate_hz: 5", "rate: 5", r"line 2: unknown key of a spec 'rate': did you mean 'rate_hz'"),
        ("rate_hz: 5", "", "'period_s', the duration of an action, or 'rate_hz' is missing"),
        ("rate_hz: 5", "rate_hz: 0", "line 2: 'rate_hz' must be above 0"),
        ("rate_hz: 5", "rate_hz: 5\nperiod_s: 0.2", "'rate_hz' and 'period_s' say the same"),
        ("hold_action: [0, 0, 0]", "", "'hold_action' is missing, such as 'hold_action: "),
        ("hold_action: [0, 0, 0]", "hold_action: [0, 0]", "three numbers"),
        ("image_size: [96, 128]", "image_size: [96, 1.5]", "line 1: each side of 'image_size' must be a whole number"),
        ("image_size: [96, 128]", "", "'image_size' is missing"),
        ("replan: 8", "replan: 17", "no more of them can be executed than it has"),
        ("  unit: si", "  units: si", "line 9: unknown key of an action 'units': did you mean 'unit'"),
        ("  colours: bgr", "  colours: rbg", "line 12: unknown order of colours 'rbg'"),
        ("column_set: actions", "column_set: action", "did you mean 'actions'"),
        ("assets/stats.json", "assets/none.json", "can't be read as a file of statistics"),
        ("  frames: 2", "  frames: two", "line 13: 'frames' must be a whole number, not 'two'"),
    ],
)
def test_a_wrong_line_is_one_sentence_with_its_number(line, instead, sentence, tmp_path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/stats.json").write_text('{"actions": {"q01": [0, 0], "q99": [1, 1]}}')
    assert line in FILE
    (tmp_path / "mine.yaml").write_text(FILE.replace(line, instead))
    with pytest.raises(InputError, match=sentence) as caught:
        read_spec(tmp_path / "mine.yaml", "mine")
    assert str(caught.value).startswith(f"{tmp_path / 'mine.yaml'}, line ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"- 1\n", b"\xff\xfe", b"a: [", b"a: !x 1\n"])
def test_a_file_that_is_no_mapping_is_one_sentence(content, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.yaml"):
        read_spec(tmp_path / "mine.yaml", "mine")


def test_a_file_that_is_not_there_or_too_large_is_one_sentence(tmp_path) -> None:
    with pytest.raises(InputError, match="can't be read: No such file"):
        read_spec(tmp_path / "none.yaml", "mine")
    (tmp_path / "large.yaml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_spec(tmp_path / "large.yaml", "mine")


def test_a_dictionary_without_a_name_is_refused() -> None:
    with pytest.raises(InputError, match="the policy's spec: 'name' is missing"):
        spec_from_dict({"image_size": None, "period_s": 0.1, "hold_action": [0, 0, 0]})
