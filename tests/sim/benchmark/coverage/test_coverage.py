"""Laws of the summary of coverages."""

from __future__ import annotations

import pytest

from sim.benchmark.coverage.coverage import Coverage, summarise_coverage


def test_the_worst_case_is_named_and_shares_are_counted_with_and_without_extremes():
    cases = [
        Coverage("rate", 5, "a", 0.90),
        Coverage("rate", 5, "b", 1.00, extreme=True),
        Coverage("rate", 20, "a", 0.95),
        Coverage("other", 20, "c", 0.95),
    ]
    found = list(summarise_coverage(cases))
    rate = {(each.name, each.at): each.value for each in found if each.group == "rate"}
    assert rate["worst case: a, n = 5", None] == pytest.approx(90.0)
    assert rate["share of cases from 92 to 98 %", None] == pytest.approx(100 / 3)
    assert rate["the same, without the extremes", None] == pytest.approx(50.0)
    assert (rate["lowest", 5], rate["mean", 5], rate["highest without extremes", 5]) == pytest.approx(
        (90.0, 95.0, 90.0)
    )
    assert rate["lowest", 20] == pytest.approx(95.0)
    assert {each.group for each in found} == {"rate", "other"}
