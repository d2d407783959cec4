"""Laws of quantities in scenario files."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.files.units import UNIT_BY_WORD, UNITS, parse_quantity, unit_of
from scenarios.ranges import Range
from scenarios.registry import SCENARIOS


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("80 cm", "m", 0.8),
        ("35cm", "m", 0.35),
        ("1.2 m", "m", 1.2),
        ("-25 deg", "rad", -math.radians(25)),
        ("3.6 km/h", "m/s", 1.0),
        ("250 ms", "s", 0.25),
        ("180 deg/s", "rad/s", math.pi),
        ("40 %", "", 0.4),
        ("010", "m", 10.0),  # to YAML 1.1 this would be 8
        ("1e-3", "m", 0.001),  # and this a word
    ],
)
def test_a_quantity_comes_out_in_its_base_unit(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "unit"), [("5 kg", "m"), ("25 deg", "m"), ("1 m", "rad"), ("2 s", ""), ("3 s", "m/s")]
)
def test_a_unit_of_another_quantity_is_refused(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_quantity(text, unit)


@pytest.mark.parametrize("text", ["", "wide", "1:30", "nan", ".inf", "1e999", "1 2", "1_000", "[1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        parse_quantity(text, "m")


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(UNITS)))
def test_a_number_as_python_writes_it_is_read_exactly(value: float, unit: str) -> None:
    assert parse_quantity(repr(value), unit) == value


def test_the_last_word_that_tells_decides_the_unit() -> None:
    named = {"box_yaw": "rad", "width": "m", "walking_speed": "m/s", "hold_s": "s", "width_factor": "", "boxes": ""}
    assert {field: unit_of(field) for field in named} == named


@pytest.mark.parametrize("family", SCENARIOS)
def test_every_numeric_range_tells_its_unit_by_its_name_or_declares_it(family: str) -> None:
    spec = SCENARIOS[family].spec
    numeric = [field for field in fields(spec) if isinstance(getattr(spec, field.name), Range | float)]
    declared = {field.name for field in numeric if field.metadata.get("unit") in UNITS}
    told = {field.name for field in numeric if any(word in UNIT_BY_WORD for word in field.name.split("_"))}
    assert [field.name for field in numeric if field.name not in declared | told] == []
