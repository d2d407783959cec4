"""Laws of fields in files: what is written is read again, in any unit of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.common.errors import InputError
from scenarios.files.fields import format_field, parse_field
from scenarios.files.yaml_nodes import YamlNode, parse_yaml
from scenarios.ranges import Choice, IntRange, Range


def node(text: str) -> YamlNode:
    return parse_yaml(text, "my.yaml").entries("the file")["field"][1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", Range(0.1, 0.25)),
        ("boxes", IntRange(2, 5)),
        ("start_yaw", Range(-0.5, 0.5)),
        ("sides", Choice(("left", "right"))),
        ("phrases", Choice(("go to the {target}", "find the {target}"))),
        ("rooms", Choice(((1, 1), (2, 0)))),
        ("clearance", 0.2),
        ("count", 3),
        ("open", True),
    ],
)
def test_a_field_is_read_as_it_was_written(name: str, value: object) -> None:
    written = parse_yaml(format_field(name, value), "my.yaml").entries("the file")[name][1]
    assert parse_field(name, value, written) == value


@pytest.mark.parametrize(
    ("name", "default", "text", "value"),
    [
        ("width", Range(1.0, 2.0), "80 cm", Range(0.8, 0.8)),
        ("width", Range(1.0, 2.0), "[800 mm, 1.5 m]", Range(0.8, 1.5)),
        ("boxes", IntRange(1, 2), "4", IntRange(4, 4)),
        ("sides", Choice(("left", "right")), "left", Choice(("left",))),
        ("open", False, "yes", True),
    ],
)
def test_one_value_is_both_ends_and_units_are_converted(name: str, default: Any, text: str, value: Any) -> None:
    assert parse_field(name, default, node(f"field: {text}")) == value


@pytest.mark.parametrize(
    ("name", "default", "text", "words"),
    [
        ("width", Range(1.0, 2.0), "[2, 1]", "the low end 2 is above the high end 1"),
        ("width", Range(1.0, 2.0), "[1, 2, 3]", r"must be \[low, high\] or one number"),
        ("width", Range(1.0, 2.0), "-1", "can't be negative"),
        ("width", Range(1.0, 2.0), "51", "must be at most 50 m"),
        ("width", Range(1.0, 2.0), "20 deg", "is not a length"),
        ("boxes", IntRange(1, 2), "1.5", "must be a whole number, not '1.5'"),
        ("boxes", IntRange(1, 2), "101", "must be at most 100"),
        ("sides", Choice(("left", "right")), "[left, left]", "left appears twice"),
        ("sides", Choice(("left", "right")), "lefft", "did you mean 'left'"),
        ("floor_look", Choice(("floor/tiles",)), "floor/carpett", "did you mean 'floor/carpet'"),
        ("phrases", Choice(("go to the {target}",)), "go there", "must contain {target}"),
        ("open", False, "maybe", "must be true or false, not 'maybe'"),
    ],
)
def test_what_does_not_fit_is_one_sentence_with_its_line(name: str, default: Any, text: str, words: str) -> None:
    with pytest.raises(InputError, match=f"^my.yaml, line 1: .*{words}"):
        parse_field(name, default, node(f"field: {text}"))
