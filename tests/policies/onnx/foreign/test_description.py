from __future__ import annotations

import pytest

from policies.onnx.foreign.description import Bindings, InstructionInput, read_bindings, split_description
from policies.specs.data_node import make_node
from scenarios.common.errors import InputError


def bindings(section: dict[str, object], folder):
    return read_bindings(make_node(section, "here").entries("it"), folder)


def test_a_description_is_a_spec_and_the_names_of_inputs_and_outputs() -> None:
    spec, section, _ = split_description(make_node({"rate_hz": 5, "onnx": {"image": "x"}}, "here"))
    assert (list(spec), list(section)) == (["rate_hz"], ["image"])
    assert split_description(None)[:2] == ({}, {})


def test_all_names_are_read(tmp_path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    words = {"ids": "ids", "mask": "mask", "tokenizer": "tokenizer.json", "length": 8, "pad": 1}
    section = {"image": "x", "state": "s", "action": "a", "recurrent": {"h": "hn"}, "instruction": words}
    expected = InstructionInput("ids", "mask", tmp_path / "tokenizer.json", 8, 1)
    assert bindings(section, tmp_path) == Bindings("x", "s", "a", (("h", "hn"),), expected)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rate": 5}, "unknown key of a description 'rate': did you mean 'rate_hz'"),
        ({"onnx": {"picture": "x"}}, "unknown key of 'onnx' 'picture'"),
        ({"onnx": {"image": 3}}, "'image' must be text, not 3"),
        ({"onnx": {"recurrent": ["h"]}}, "'recurrent', which maps inputs to outputs, must be a mapping"),
        ({"onnx": {"instruction": {"ids": "i"}}}, "'instruction' needs 'tokenizer'"),
        ({"onnx": {"instruction": {"ids": "i", "tokenizer": "t.json", "length": 3}}}, "there is no file"),
    ],
)
def test_a_wrong_description_is_one_sentence(values, sentence, tmp_path) -> None:
    with pytest.raises(InputError, match=sentence):
        read_bindings(split_description(make_node(values, "here"))[1], tmp_path)
