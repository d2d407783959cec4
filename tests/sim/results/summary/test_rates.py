"""Laws of the JSON of success rates and their differences."""

from __future__ import annotations

from sim.results.codec import from_json, to_json
from sim.results.summary.rates import PairedDifference, SuccessRate


def test_a_difference_names_the_condition_that_it_is_compared_with():
    difference = PairedDifference("none", 12, -0.25, -0.5, 0.1, 4, 1)
    value = to_json(difference)
    assert value == {"with": "none", "n": 12, "difference": -0.25, "low": -0.5, "high": 0.1, "lost": 4, "gained": 1}
    assert from_json(PairedDifference, value, "here") == difference


def test_a_rate_has_the_keys_of_schema_1():
    assert to_json(SuccessRate(1, 2, 0.5, 0.1, 0.9)) == {"k": 1, "n": 2, "rate": 0.5, "low": 0.1, "high": 0.9}
