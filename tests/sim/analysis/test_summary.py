"""Laws of the summary."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rows import FACTS, PERTURBED, PLAN, make_offline, make_perturbed_rows, make_row, make_rows

from sim.analysis.summary import mean_of_defined, summarise_run
from sim.metrics.registry import metric_names
from sim.results.codec import from_json, to_json
from sim.results.summary.rates import PairedDifference, SuccessRate
from sim.results.summary.summary import Summary
from sim.statistics.exact import mean_score_interval, success_interval
from sim.statistics.intervals import paired_difference


def test_a_cell_counts_success_and_every_kind_of_failure():
    summary = summarise_run(PLAN, make_rows(), [], FACTS)
    good, bad = summary.cells
    assert (good.policy, good.scenario) == ("good", "corridor")
    assert (good.perturbation, good.episodes) == ("none", 12)
    low, high = success_interval(successes=11, trials=12)
    assert good.success == SuccessRate(11, 12, 11 / 12, low, high)
    assert good.failures == {"collision": 1}
    assert bad.failures == {"timeout": 7, "stuck": 4, "policy-fault": 1}
    assert sum(bad.failures.values()) + bad.success.k == bad.episodes
    assert summary.complete
    assert summary.schema == 1


def test_means_are_over_the_defined_values():
    bad = summarise_run(PLAN, make_rows(), [], FACTS).cells[1]
    assert bad.metrics["time_s"] == pytest.approx(7.5)
    assert bad.metrics["spl"] == 0.0
    assert bad.metrics["ndtw"] is None


def test_missing_episodes_make_a_summary_incomplete():
    assert not summarise_run(PLAN, make_rows()[:-1], [], FACTS).complete


def test_the_order_of_rows_does_not_matter():
    rows = make_rows()
    assert summarise_run(PLAN, rows, [], FACTS) == summarise_run(PLAN, rows[::-1], [], FACTS)


def test_the_summary_is_json():
    summary = summarise_run(PLAN, make_rows(), [make_offline("good", 0.03)], FACTS)
    assert from_json(Summary, json.loads(json.dumps(to_json(summary), allow_nan=False)), "here") == summary


def test_the_agreement_has_a_row_for_every_policy():
    summary = summarise_run(PLAN, make_rows(), [make_offline("good", 0.03), make_offline("bad", None)], FACTS)
    assert [row.policy for row in summary.agreement.rows] == ["good", "bad"]


def test_failures_are_counted_by_their_kind_and_by_their_status_where_no_kind_is_known():
    rows = make_rows()
    for place in range(12, 17):  # five stuck ones, one of them a policy error
        rows[place] = replace(rows[place], failure="oscillating")
    rows[17] = replace(rows[17], failure=None)
    assert summarise_run(PLAN, rows, [], FACTS).cells[1].failures == {"timeout": 7, "oscillating": 5}


def test_means_are_there_for_every_metric_of_a_row():
    assert tuple(summarise_run(PLAN, make_rows(), [], FACTS).cells[0].metrics) == metric_names()


def test_a_row_of_an_older_version_that_lacks_a_metric_is_left_out_of_its_mean():
    rows = make_rows()
    rows[0] = replace(rows[0], metrics={"spl": 0.5})
    good = summarise_run(PLAN, rows, [], FACTS).cells[0]
    assert good.metrics["time_s"] == pytest.approx(7.5)
    assert good.metrics["spl"] == pytest.approx(11.5 / 12)


def test_the_mean_of_no_values_is_undefined():
    assert mean_of_defined([]) is mean_of_defined([None, None]) is None
    assert mean_of_defined([1.0, None, 2.0]) == 1.5


def test_a_perturbed_cell_is_compared_with_the_same_episodes_unperturbed():
    summary = summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS)
    good, disturbed, swapped, bad, *_ = summary.cells
    assert [cell.perturbation for cell in summary.cells[:3]] == ["none", "lighting=2+latency=1", "instruction=3"]
    assert good.paired is bad.paired is None
    expected = paired_difference(both=7, gained=1, lost=4, neither=0)
    assert disturbed.paired == PairedDifference("none", 12, *expected, lost=4, gained=1)
    assert disturbed.paired.difference == pytest.approx(8 / 12 - 11 / 12)
    assert (swapped.paired.lost, swapped.paired.gained) == (0, 1)


def test_only_episodes_driven_with_and_without_the_perturbation_are_pairs():
    rows = [row for row in make_perturbed_rows() if (row.perturbation, row.episode) != ("none", 1)]
    rows = [row for row in rows if (row.perturbation, row.episode) != ("lighting=2+latency=1", 0)]
    summary = summarise_run(PERTURBED, rows, [], FACTS)
    found = summary.cells[1].paired
    assert (found.n, found.lost, found.gained) == (10, 3, 0)
    without = [row for row in rows if row.perturbation != "none"]
    assert all(cell.paired is None for cell in summarise_run(PERTURBED, without, [], FACTS).cells)


def test_the_language_score_is_one_for_following_and_zero_for_ignoring_the_instruction():
    good, bad = summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS).language
    assert (good.policy, good.scenario, good.pairs) == ("good", "corridor", 12)
    assert good.score == pytest.approx(23 / 24)  # it once hit something
    assert (good.low, good.high) == mean_score_interval([0, 0, 0, 1, 11])
    assert (bad.score, bad.low, bad.high) == (0.0, *mean_score_interval([0, 0, 12, 0, 0]))


def test_reaching_a_target_that_neither_instruction_names_counts_zero():
    rows = make_perturbed_rows()
    for place, row in enumerate(rows):
        if row.reached == "target-1" and row.status == "wrong-target":
            rows[place] = replace(row, reached="target-2")
    _, bad = summarise_run(PERTURBED, rows, [], FACTS).language
    assert bad.score == pytest.approx(7 / 24)


def test_the_language_score_is_minus_one_for_always_going_to_the_other_goal():
    rows = [make_row("bad", n, "wrong-side", which) for n in range(4) for which in ("none", "instruction=3")]
    (found,) = summarise_run(PERTURBED, rows, [], FACTS).language
    assert (found.pairs, found.score) == (4, -1.0)


def test_without_swapped_instructions_there_is_no_language_score():
    assert summarise_run(PLAN, make_rows(), [], FACTS).language == ()


def test_a_cell_contains_the_simulated_latency_of_its_policy():
    facts = {**FACTS, "bad": replace(FACTS["bad"], latency_s=0.125)}
    assert [cell.latency_s for cell in summarise_run(PLAN, make_rows(), [], facts).cells] == [0.0, 0.125]


def test_a_perturbed_summary_is_json_whatever_the_order_of_its_rows():
    rows = make_perturbed_rows()
    text = json.dumps(to_json(summarise_run(PERTURBED, rows, [], FACTS)), allow_nan=False)
    assert text == json.dumps(to_json(summarise_run(PERTURBED, rows[::-1], [], FACTS)), allow_nan=False)
