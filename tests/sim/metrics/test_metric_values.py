"""Metrics in little memory are the mapping that they are made from."""

from __future__ import annotations

import copy
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.metric_values import MetricValues

NAMES = st.lists(st.text(max_size=5), unique=True, max_size=20).map(tuple)
VALUE = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.data())
def test_it_equals_the_dictionary_of_its_items_to_the_bit_and_in_order(data: st.DataObject) -> None:
    names = data.draw(NAMES)
    values = data.draw(st.lists(VALUE, min_size=len(names), max_size=len(names)))
    made, plain = MetricValues(names, values), dict(zip(names, values, strict=True))
    assert repr(made) == repr(plain)  # tells -0.0 from 0.0
    assert made == plain
    assert plain == made
    assert [made[name] for name in names] == list(made.values()) == values
    assert list(made) == list(names)
    assert copy.deepcopy(made) == made  # by the way by which it goes to another process


def test_it_differs_where_a_value_is_undefined() -> None:
    assert MetricValues(("a",), [None]) != MetricValues(("a",), [0.0])
    assert MetricValues(("a",), [None]) != MetricValues(("b",), [None])


def test_an_unknown_name_is_a_key_error_or_the_default() -> None:
    made = MetricValues(("a", "b"), [1.0, None])
    assert made.get("c", 2.0) == 2.0
    assert made.get("b", 2.0) is None
    with pytest.raises(KeyError):
        made["c"]


def test_as_many_values_as_names_are_needed() -> None:
    with pytest.raises(ValueError, match="1 values for the 2 metrics a, b"):
        MetricValues(("a", "b"), [1.0])


def test_it_takes_less_than_half_of_the_memory_of_a_dictionary() -> None:
    names = tuple(f"metric-{number}" for number in range(15))
    made = MetricValues(names, [0.1 + number for number in range(15)])
    plain = dict(made.items())
    of_plain = sys.getsizeof(plain) + sum(map(sys.getsizeof, plain.values()))
    assert 2 * (sys.getsizeof(made) + sys.getsizeof(made._values)) < of_plain
