"""Laws of the formats of the results page."""

from __future__ import annotations

from sim.agreement.judgement import AgreementEstimate
from sim.agreement.presentation.markdown import (
    format_count,
    format_estimate,
    format_percent,
    format_percent_estimate,
    format_table,
)


def test_bars_in_cells_do_not_end_them():
    assert format_table(("a", "b"), [("x|y", "z")]).split("\n")[-1] == "| x\\|y | z |"


def test_a_table_without_rows_says_so():
    assert format_table(("a",), []) == "*Nothing yet.*"


def test_estimates_have_their_interval_where_there_is_one():
    assert format_estimate(AgreementEstimate(0.5, 0.25, 0.75)) == "0.50 (0.25 to 0.75)"
    assert format_estimate(AgreementEstimate(0.5)) == "0.50"
    assert format_estimate(AgreementEstimate(None)) == "-"
    assert format_percent_estimate(AgreementEstimate(0.5, 0.25, 0.754)) == "50 (25 to 75)"
    assert format_percent_estimate(AgreementEstimate(-0.001, -0.25, 0.25)) == "0 (-25 to 25)"
    assert format_estimate(AgreementEstimate(-0.001, -0.25, 0.25)) == "0.00 (-0.25 to 0.25)"
    assert [format_percent(each) for each in (0.123, None)] == ["12", "-"]


def test_nouns_follow_their_number():
    assert [format_count(1, "family"), format_count(2, "family"), format_count(0, "unit")] == [
        "1 family",
        "2 families",
        "0 units",
    ]
