"""Laws of the table printed at the end of a run of several policies."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rows import FACTS, make_offline, make_ranked, make_row

from policies.systems.table import PUBLISHED
from scenarios.registry import SCENARIOS
from sim.analysis.summary import summarise_run
from sim.report.agreement_lines import agreement_lines
from sim.report.ranking_table import data_lines, fit_ranking_columns, legend_lines, make_ranking_table
from sim.results.plan import RunPlan

WINS = {"a": 12, "b": 18, "c": 6, "d": 1, "zero": 0, "expert": 20}
ERRORS = {"a": 0.05, "b": 0.3, "c": 0.08, "d": None, "zero": 0.35, "expert": 0.001}


def printed(summary, width=140):
    stream = io.StringIO()
    console = Console(file=stream, width=width, no_color=True)
    console.print(make_ranking_table(summary, fit_ranking_columns(summary, console)))
    return stream.getvalue()


def line_of(text, policy):
    return next(line for line in text.splitlines() if f" {policy} " in line)


@pytest.fixture(scope="module")
def ranked():
    return make_ranked(WINS, ERRORS, privileged=["expert"])


def test_policies_are_sorted_by_success_with_upper_bound_and_references_unranked(ranked):
    text = printed(ranked)
    order = ["expert*", "b", "a", "c", "d", "zero°"]
    assert sorted(order, key=lambda policy: text.index(f" {policy} ")) == order
    assert legend_lines(ranked) == [
        "* sees the true map: an upper bound, not ranked",
        "° lacks a sense: a reference, not ranked",
        "without a rank: d (no offline MAE)",
    ]


def test_both_ranks_of_a_policy_are_on_its_line(ranked):
    line = line_of(printed(ranked), "b")
    assert line.split()[:3] == ["1", "b", "18/20"]
    assert line.split("0.3000")[1].split()[3:5] == [
        "3",
        "nothing",
    ]  # after its interval, its rank and the beaten baselines


def test_a_policy_without_an_offline_error_has_dashes_and_its_failures(ranked):
    line = line_of(printed(ranked), "d")
    assert "5 % (0 to 24 %)" in line
    assert line.split("%)")[1].split()[:3] == ["-", "-", "-"]
    assert "stuck 19" in line


def test_the_baselines_are_below_the_errors(ranked):
    lines = printed(ranked).splitlines()
    baselines = [line.split() for line in lines if "baseline:" in line]
    assert baselines == [
        ["baseline:", *each.split()] for each in ("hold 0.0200", "median 0.2000", "mean 0.2100", "zero 0.3500")
    ]
    column = line_of(printed(ranked), "b").index("0.3000")
    assert all(line[column:].startswith("0.") for line in lines if "baseline:" in line)


def test_without_any_offline_error_there_is_no_column_of_dashes():
    summary = make_ranked({"a": 3, "b": 4}, {})
    assert "rank" not in printed(summary)
    assert "beats" not in printed(summary)
    assert data_lines(summary) == []


@pytest.mark.parametrize("errors", [{}, {"a": 0.05, "b": 0.1}])
def test_the_failures_take_the_rest_of_the_width_and_truncate_no_other_column(errors):
    plan = RunPlan(("a", "b"), ("corridor",), 20, 0)
    kinds = ["collision"] * 6 + ["wrong-target"] * 3 + ["success"] * 11
    rows = [make_row(policy, number, kind) for policy in plan.policies for number, kind in enumerate(kinds)]
    facts = dict.fromkeys(plan.policies, FACTS["good"])
    summary = summarise_run(plan, rows, [make_offline(policy, mae) for policy, mae in errors.items()], facts)
    for width in range(100, 180):
        lines = printed(summary, width).splitlines()
        assert max(map(len, lines)) <= width
        assert not [line for line in lines if "…" in line.split("collision")[0]]


@pytest.fixture(scope="module")
def published():
    """All published systems on all scenarios."""
    plan = RunPlan((*PUBLISHED, "expert", "straight"), tuple(SCENARIOS), 2, 0)
    rows = [
        replace(make_row(policy, number, "success" if number < place % 3 else "wrong-target"), scenario=scenario)
        for place, policy in enumerate(plan.policies)
        for scenario in plan.scenarios
        for number in range(2)
    ]
    offline = [
        make_offline(policy, 0.04 + 0.003 * place, scenario)
        for place, policy in enumerate(plan.policies)
        for scenario in plan.scenarios
    ]
    facts = {policy: replace(FACTS["good"], privileged=policy == "expert") for policy in plan.policies}
    return summarise_run(plan, rows, offline, facts)


@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_all_published_systems_on_all_scenarios_fit_the_console(published, width):
    text = printed(published, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text.split("failures")[0]
    for policy in PUBLISHED:
        assert text.count(f" {policy} ") == 1  # one line each


def test_140_columns_have_room_for_every_scenario_both_ranks_and_the_beaten_baselines(published):
    lines = printed(published, 140).splitlines()
    for name in SCENARIOS:
        assert all(any(part in line for line in lines[:2]) for part in name.split("-"))
    assert line_of("\n".join(lines), "hybrid").count("%") == 2 + len(SCENARIOS)
    assert lines[1].split()[:2] == ["rank", "policy"]
    assert "rank beats" in lines[1]
    assert "by scenario: " in agreement_lines(published)[-1]
    assert "mean over 8 data sets" in data_lines(published)[0]


def test_axes_that_a_data_set_lacks_are_told_beside_the_error(published):
    assert "alone" not in data_lines(published)[0]
    flat = replace(published, offline=tuple(replace(score, axes=("vx", "wz")) for score in published.offline))
    assert "of vx and wz alone on" in data_lines(flat)[0]
