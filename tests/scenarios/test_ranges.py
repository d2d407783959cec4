"""Laws of ranges: what is drawn lies in them, and wrong ones are refused."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.ranges import Choice, IntRange, Range, draw_distinct, with_unit

seeds = st.integers(0, 2**31 - 1)


@given(seeds, st.floats(-10.0, 10.0), st.floats(0.0, 10.0))
def test_a_range_draws_between_its_ends(seed, low, span):
    assert low <= Range(low, low + span).draw(np.random.default_rng(seed)) <= low + span


@given(seeds, st.integers(-5, 5), st.integers(0, 5))
def test_a_whole_range_draws_whole_numbers_both_ends_included(seed, low, span):
    assert IntRange(low, low + span).draw(np.random.default_rng(seed)) in range(low, low + span + 1)


def test_both_ends_of_a_whole_range_and_every_option_come_up():
    rng = np.random.default_rng(0)
    assert {IntRange(1, 3).draw(rng) for _ in range(100)} == {1, 2, 3}
    assert {Choice(("a", "b")).draw(rng) for _ in range(100)} == {"a", "b"}


@pytest.mark.parametrize("kind", [Range, IntRange])
def test_a_low_end_above_the_high_one_is_refused(kind):
    with pytest.raises(ValueError, match="range low 3 is above its high 2"):
        kind(3, 2)


@given(seeds, st.integers(0, 6))
def test_what_is_drawn_together_is_distinct(seed, count):
    drawn = draw_distinct(np.random.default_rng(seed), "abcdef", count)
    assert len(drawn) == len(set(drawn)) == count


def test_a_unit_that_is_declared_goes_with_its_field():
    @dataclass(frozen=True)
    class Spec:
        pace: Range = with_unit(Range(0.3, 0.5), "m/s")

    (field,) = fields(Spec)
    assert (field.metadata["unit"], Spec().pace) == ("m/s", Range(0.3, 0.5))
