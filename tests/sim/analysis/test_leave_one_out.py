"""Laws of correlations without one policy."""

from __future__ import annotations

import pytest

from sim.analysis.leave_one_out import leave_each_out
from sim.statistics.correlation import kendall, spearman

NAMES = ("a", "b", "c", "d", "e")
ERRORS, RATES = [1.0, 2.0, 3.0, 4.0, 5.0], [5, 4, 3, 2, 9]


def test_the_extremes_are_those_of_leaving_out_each_policy_in_turn():
    for found, correlate in zip(leave_each_out(NAMES, ERRORS, RATES), (spearman, kendall), strict=True):
        each = {
            name: correlate(ERRORS[:place] + ERRORS[place + 1 :], RATES[:place] + RATES[place + 1 :]).value
            for place, name in enumerate(NAMES)
        }
        assert (found.lowest, found.highest) == pytest.approx((min(each.values()), max(each.values())))
        assert found.lowest_without == "e"
        assert each[found.highest_without] == pytest.approx(found.highest)


def test_three_policies_are_too_few_to_leave_one_out():
    assert leave_each_out(NAMES[:3], ERRORS[:3], RATES[:3]) == (None, None)


def test_where_no_correlation_remains_there_is_nothing_to_report():
    assert leave_each_out(NAMES, [1.0] * 5, RATES) == (None, None)
