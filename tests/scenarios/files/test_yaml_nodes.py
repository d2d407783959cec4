"""Laws of YAML nodes: every value knows its line, and nothing but plain YAML is read."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from scenarios.files.yaml_nodes import LARGEST_TEXT, parse_yaml


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("{" * 100_000, "nested too deeply"),
        ("- " * 100_000, "nested too deeply"),
        ("? " * 100_000, "nested too deeply"),
        ("{a: " * 100_000, "nested too deeply"),
        ("".join(" " * depth + "a:\n" for depth in range(1000)), "nested too deeply"),
        ("[" + "1," * 100_000 + "]", "too many values"),
        ("\n".join(f"k{number}: 1" for number in range(100_000)), "too many values"),
        (
            "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '1'] * 8)}]\n" for n in range(30)),
            "too many values",
        ),
        ("a: &a [*a]", "stands for what it is a part of"),
        ("a: &a {b: {c: *a}}", "stands for what it is a part of"),
    ],
    ids=lambda value: value[:12],
)
def test_a_file_that_would_take_for_ever_or_all_memory_is_refused_at_once(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_yaml(text, "f.yaml")


def test_an_alias_stands_for_its_anchor() -> None:
    entries = parse_yaml("a: &two [1, 2]\nb: *two\nc: &word x\nd: *word", "f.yaml").entries("it")
    assert [item.text for item in entries["b"][1].items] == ["1", "2"]
    assert entries["d"][1].text == "x"


def test_values_are_text_lists_or_mappings_and_know_their_lines() -> None:
    entries = parse_yaml("a: 010\nb:\n  - 1e-3\n  - x\n", "my.yaml").entries("the file")
    (key, value), (_, items) = entries["a"], entries["b"]
    assert (key.text, value.text, value.line, value.items) == ("a", "010", 1, None)
    assert items.text is None
    assert [(item.text, item.line) for item in items.items or ()] == [("1e-3", 3), ("x", 4)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: the file is empty"),
        ("a: !!python/none x", "line 1: tags"),
        ("a: [1\n", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "line 2"),
        ("a: \x00", "a character that YAML doesn't allow"),
    ],
)
def test_what_is_not_one_plain_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=f"^my.yaml, .*{words}"):
        parse_yaml(text, "my.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "line 1: the file must be lines of 'key: value'"),
        ("a: 1\nb: 2\na: 3\n", "line 3: 'a' appears twice, first on line 1"),
        ("[a, b]: 1\n", "line 1: the keys of the file must be plain words"),
    ],
)
def test_what_is_not_a_mapping_of_single_keys_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_yaml(text, "my.yaml").entries("the file")


def test_a_text_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InputError, match="has 1,048,577 characters: at most 1,048,576 are read"):
        parse_yaml("a" * (LARGEST_TEXT + 1), "my.yaml")
