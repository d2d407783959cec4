"""Laws of the lines that say whether offline error ranks the policies as success does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, make_offline, make_ranked, make_row

from sim.analysis.summary import summarise_run
from sim.report.agreement_lines import agreement_lines, leave_one_out_lines, pair_line
from sim.results.plan import RunPlan
from sim.results.summary.agreement import LeaveOneOut, PairAgreement, PairCounts

WINS = {"a": 12, "b": 18, "c": 6, "d": 1, "e": 9}
ERRORS = {"a": 0.05, "b": 0.3, "c": 0.08, "d": 0.09, "e": 0.07}


@pytest.fixture(scope="module")
def ranked():
    return make_ranked(WINS, ERRORS, episodes=30)


def test_the_correlation_is_printed_with_its_three_intervals(ranked):
    line = agreement_lines(ranked)[0]
    assert line.startswith(
        "Spearman correlation of MAE and success over 5 policies: +0.00 (95 %: -0.88 to +0.92 over policies, "
    )
    assert all(f" {what}" in line for what in ("over policies", "over episodes", "over both"))
    assert "Kendall's tau-b: -0.20" in line


def test_the_policies_that_the_correlation_hangs_on_are_named(ranked):
    line = agreement_lines(ranked)[1]
    assert line.startswith("without one policy it lies between -1.00 (without b) and +0.20 (without a)")


def test_a_correlation_that_hangs_on_no_single_policy_is_printed_once():
    assert leave_one_out_lines(LeaveOneOut(-0.8660, "a", -0.8660, "a")) == ["without any one policy it is -0.87"]
    assert leave_one_out_lines(LeaveOneOut(-0.8690, "a", -0.8660, "b")) == ["without any one policy it is -0.87"]


def test_the_pairs_are_printed_corrected_first(ranked):
    line = pair_line(ranked.agreement.ranking.pairs)
    assert line.startswith(
        "success differs significantly (Holm) in 5 of 10 pairs of policies (8 of them each pair by itself)"
    )
    assert line.endswith("; MAE orders 2 of these 5 the same way: 40 %")  # no resample of the episodes changes it


def test_pairs_of_an_early_version_are_printed_as_they_were():
    line = pair_line(PairAgreement(6, PairCounts(4, 3, 1, 0, 0.75, 0.5, 1.0)))
    assert line == (
        "success differs significantly in 4 of 6 pairs of policies; MAE orders 3 of these 4 the same way: 75 % "
        "(95 %: 50 to 100 % over episodes)"
    )


def test_without_a_correlation_or_an_interval_the_reason_is_printed():
    assert agreement_lines(make_ranked({"a": 3, "b": 4}, {}))[0].startswith(
        "no rank correlation between MAE and success: no "
    )
    three = {"a": 12, "b": 18, "c": 6}
    assert "one time in six" in agreement_lines(make_ranked(three, ERRORS))[1]
    assert "are too few for an interval over episodes" in "".join(
        agreement_lines(make_ranked(WINS, ERRORS, episodes=19))
    )


def test_copies_and_mixtures_are_named_beside_the_number_of_distinct_networks():
    plan = RunPlan(tuple(WINS), ("corridor",), 20, 0)
    rows = [
        replace(make_row(name, number, "success" if number < won else "stuck"), digest=f"{won} {number}")
        for name, won in (WINS | {"c": 12}).items()
        for number in range(20)
    ]
    facts = dict.fromkeys(WINS, FACTS["good"]) | {"e": replace(FACTS["good"], members=("a", "d"))}
    lines = agreement_lines(summarise_run(plan, rows, [make_offline(name, mae) for name, mae in ERRORS.items()], facts))
    assert any(line.startswith("3 of them are distinct networks: Spearman ") for line in lines)
    assert "a, c drive alike in every episode" in lines
    assert "e is a mixture related to a, d" in lines
