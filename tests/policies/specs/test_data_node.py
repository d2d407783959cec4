from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.specs.data_node import make_node, parse_json_node, parse_yaml_node
from scenarios.common.errors import InputError

scalars = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6) | st.text(max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


@given(values)
def test_plain_values_come_back_as_they_were(value) -> None:
    assert make_node(value, "here").plain() == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("010", 10),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("yes", "yes"),
        ('"1"', "1"),
        ("1 cm", "1 cm"),
        ("[1, a]", [1, "a"]),
        ("{k: {v: 2}}", {"k": {"v": 2}}),
    ],
)
def test_words_of_yaml_are_read_as_written(text, value) -> None:
    read = parse_yaml_node(text, "file.yaml").plain()
    assert read == value
    assert type(read) is type(value)


def test_a_value_of_a_mapping_is_at_its_key_and_an_item_at_its_own_line() -> None:
    node = parse_yaml_node("a:\n  b:\n    - 1\n    - x\n", "f.yaml").entries("it")["a"].entries("it")["b"]
    assert node.place == "f.yaml, line 2"
    with pytest.raises(InputError, match=r"f\.yaml, line 4: each must be a number, not 'x'"):
        [item.number("each") for item in node.items("it")]


def test_numpys_numbers_and_arrays_are_numbers_and_lists() -> None:
    assert make_node({"a": np.float32(0.5), "b": np.arange(2)}, "here").plain() == {"a": 0.5, "b": [0, 1]}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({1: 2}, "here: keys must be text, not 1"),
        ({"a": {1, 2}}, "here, 'a' must be a number, text, list or mapping, not a set"),
        (object(), "here must be a number, text, list or mapping, not a object"),
    ],
)
def test_what_no_file_can_contain_is_refused(value, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        make_node(value, "here")


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InputError, match="nested too deeply"):
        make_node(loop, "here")


@pytest.mark.parametrize(("text", "sentence"), [("{", "not valid JSON"), ("[" * 100_000, "not valid JSON")])
def test_broken_json_is_one_sentence(text, sentence) -> None:
    with pytest.raises(InputError, match=f"here: {sentence}"):
        parse_json_node(text, "here")


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda node: node.number("it"), True, "it must be a number, not True"),
        (lambda node: node.number("it"), float("nan"), "it must be a number, not nan"),
        (lambda node: node.whole("it"), 1.5, "it must be a whole number, not 1.5"),
        (lambda node: node.flag("it"), "yes", "it must be true or false, not 'yes'"),
        (lambda node: node.text("it"), "", "it must be text, not ''"),
        (lambda node: node.items("it"), {}, "it must be a list, not a mapping"),
        (lambda node: node.entries("it"), [1], "it must be a mapping of keys to values, not a list of 1"),
        (
            lambda node: node.entries("it", ("colour",)),
            {"color": 1},
            "unknown key of it 'color': did you mean 'colour'",
        ),
    ],
)
def test_a_value_of_another_kind_is_one_sentence(read, value, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        read(make_node(value, "here"))
