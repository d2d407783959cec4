"""Laws of the verdict of a run."""

from __future__ import annotations

from dataclasses import replace

from rows import FACTS, PERTURBED, make_perturbed_rows, make_ranked

from sim.analysis.summary import summarise_run
from sim.report.sections.verdict import describe_run_verdict, find_population, list_findings


def answer(summary, question):
    return next(each.answer for each in list_findings(summary, None) if each.question == question)


def with_interval(low, high):
    summary = make_ranked({f"p{n}": n for n in range(8)}, {f"p{n}": 0.4 - 0.02 * n for n in range(8)})
    ranking = summary.agreement.ranking
    rho = replace(ranking.spearman, low=low, high=high, both_low=None, both_high=None)
    return replace(summary, agreement=replace(summary.agreement, ranking=replace(ranking, spearman=rho)))


def test_the_interval_of_spearman_decides_what_a_run_says_about_mae():
    assert describe_run_verdict(with_interval(-0.9, 0.1)).startswith("cannot tell with 8 policies and 160 episodes")
    assert describe_run_verdict(with_interval(-0.4, 0.3)).startswith("it does not")
    assert "a lower MAE goes with more success" in describe_run_verdict(with_interval(-0.99, -0.2))
    assert describe_run_verdict(make_ranked({"a": 3, "b": 4}, {"a": 0.1, "b": 0.2})).startswith("cannot tell with 2")


def test_the_best_is_named_with_those_whose_interval_overlaps():
    assert "the interval of b overlaps" in answer(make_ranked({"a": 15, "b": 14, "c": 0}, {}), "Highest success")
    assert "no other interval" in answer(make_ranked({"a": 20, "b": 0}, {}), "Highest success")


def test_the_best_and_the_failures_are_not_those_of_a_policy_that_sees_the_world():
    summary = make_ranked({"seeing": 20, "a": 10, "b": 4}, {}, privileged=["seeing"])
    assert answer(summary, "Highest success").startswith("a: 10 of 20")
    assert answer(summary, "How episodes fail") == "stuck 100 % of 26 failures"


def test_a_loss_is_one_whose_interval_lies_below_zero():
    summary = summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS)
    assert answer(summary, "Perturbations").startswith("none of")
    rows = [replace(row, success=False) if "lighting" in row.perturbation else row for row in make_perturbed_rows()]
    assert answer(summarise_run(PERTURBED, rows, [], FACTS), "Largest loss").startswith("good in corridor under light")


def test_a_folder_without_tables_has_no_population(tmp_path):
    assert find_population(tmp_path) is None
