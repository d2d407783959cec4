"""Laws of the codec: written JSON is read back as an equal value, other JSON is an error of one sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from sim.results.codec import FLAT, KEY, OMIT, from_json, to_json


@dataclass(frozen=True)
class Inner:
    count: int
    rate: float | None


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    baseline: str = field(metadata={KEY: "with"})
    metrics: dict[str, float | None] = field(metadata={FLAT: True})
    listed: tuple[Inner, ...] = ()


@dataclass(frozen=True)
class Chosen:
    colour: Literal["red", "blue"]
    latency: float | Literal["measured"]
    note: str | None = field(default=None, metadata={OMIT: True})


VALUE = Outer("a", Inner(1, None), "none", {"spl": 0.5, "ndtw": None}, (Inner(2, 1.0),))
inners = st.builds(Inner, st.integers(), st.none() | st.floats(allow_nan=False, allow_infinity=False))
names = st.text("abcdefgh", min_size=1, max_size=4)  # none is the name of another key


@given(st.builds(Outer, st.text(), inners, st.text(), st.dictionaries(names, st.floats(0, 1), max_size=4), st.just(())))
def test_a_value_survives_the_way_through_json(value: Outer) -> None:
    assert from_json(Outer, json.loads(json.dumps(to_json(value))), "here") == value


def test_flat_fields_are_merged_at_their_position() -> None:
    assert list(to_json(VALUE)) == ["name", "inner", "with", "spl", "ndtw", "listed"]


@dataclass(frozen=True)
class Figures:
    mae: float
    low: float | None = None


@dataclass(frozen=True)
class Scored:
    name: str
    own: Figures | None = field(metadata={FLAT: True})
    last: int


def test_a_flat_dataclass_is_merged_and_is_none_if_all_of_its_keys_are() -> None:
    written = {"name": "a", "mae": 0.5, "low": None, "last": 1}
    assert to_json(Scored("a", Figures(0.5), 1)) == written
    assert list(to_json(Scored("a", Figures(0.5), 1))) == list(written)
    assert from_json(Scored, written, "here") == Scored("a", Figures(0.5), 1)
    assert to_json(Scored("a", None, 1)) == {**written, "mae": None}
    for empty in ({**written, "mae": None}, {"name": "a", "last": 1}):
        assert from_json(Scored, empty, "here") == Scored("a", None, 1)
    with pytest.raises(InputError, match=r"key 'mae' is missing"):
        from_json(Scored, {"name": "a", "low": 0.5, "last": 1}, "here")


def test_unknown_keys_are_ignored() -> None:
    assert from_json(Inner, {"count": 1, "rate": 2.0, "new": True}, "here") == Inner(1, 2.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": None}, "expected str, not NoneType @ .name"),
        ({"name": 5}, "expected str, not int @ .name"),
        ({"inner": {"count": True, "rate": None}}, "expected int, not bool @ .inner.count"),
        ({"inner": {"rate": None}}, "key 'count' is missing"),
        ({"inner": [1]}, "expected an object, not list @ .inner"),
        ({"spl": "high"}, "@ .metrics['spl']"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error_with_its_place(change: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match="'rows' line 3 is not a valid Outer of schema 1") as caught:
        from_json(Outer, {**to_json(VALUE), **change}, "'rows' line 3")
    assert told in str(caught.value)


@pytest.mark.parametrize("latency", [0.0, 0.25, "measured"])
def test_a_number_or_a_word_is_read_as_either(latency: object) -> None:
    assert from_json(Chosen, {"colour": "red", "latency": latency}, "here") == Chosen("red", latency)  # type: ignore[arg-type]


def test_a_word_that_is_not_allowed_is_an_error_that_lists_the_allowed_ones() -> None:
    with pytest.raises(InputError, match=r"expected one of 'red', 'blue', not 'green' @ \.colour"):
        from_json(Chosen, {"colour": "green", "latency": 0.0}, "here")
    with pytest.raises(InputError, match=r"not 'slow' @ \.latency"):
        from_json(Chosen, {"colour": "red", "latency": "slow"}, "here")


def test_an_optional_field_is_omitted_from_json_at_its_default() -> None:
    assert to_json(Chosen("red", 0.0)) == {"colour": "red", "latency": 0.0}
    assert to_json(Chosen("red", 0.0, "new"))["note"] == "new"
