"""What is written as JSON is read back as the same value, or refused in one sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from sim.results.codec import FLAT, KEY, from_json, to_json


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


VALUE = Outer("a", Inner(1, None), "none", {"spl": 0.5, "ndtw": None}, (Inner(2, 1.0),))
inners = st.builds(Inner, st.integers(), st.none() | st.floats(allow_nan=False, allow_infinity=False))
names = st.text("abcdefgh", min_size=1).filter(lambda name: name not in ("name", "inner", "with", "listed"))


@given(st.builds(Outer, st.text(), inners, st.text(), st.dictionaries(names, st.none() | st.floats(0, 1)), st.just(())))
def test_a_value_survives_the_way_through_json(value: Outer) -> None:
    assert from_json(Outer, json.loads(json.dumps(to_json(value))), "here") == value


def test_flat_fields_stand_beside_the_others_and_keep_their_place() -> None:
    assert list(to_json(VALUE)) == ["name", "inner", "with", "spl", "ndtw", "listed"]


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
def test_what_does_not_fit_is_told_with_its_place(change: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match="'rows' line 3 is not a Outer of schema 1") as caught:
        from_json(Outer, {**to_json(VALUE), **change}, "'rows' line 3")
    assert told in str(caught.value)
